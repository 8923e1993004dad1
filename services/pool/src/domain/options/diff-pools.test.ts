import test from 'ava';
import { diffPools } from './diff-pools.js';
import type { PoolOptions } from './options.js';
import { DEFAULT_OPTIONS } from './options.js';

function pool(name: string, changes: Partial<PoolOptions> = {}): PoolOptions {
  return { ...DEFAULT_OPTIONS, name, commands: { new: 'make', delete: 'remove' }, ...changes };
}

test('pools that come, go and stay are told by name', (t) => {
  t.deepEqual(diffPools([pool('c'), pool('a')], [pool('b'), pool('c')]), [
    { pool: 'a', kind: 'REMOVED', options: [] },
    { pool: 'b', kind: 'ADDED', options: [] },
  ]);
});

test('options that differ are told as they would stand in the file', (t) => {
  const after = pool('a', {
    max: 7,
    commands: { new: ['make', 'x'], delete: 'remove', list: 'ls' },
    tags: [{ name: 'big', priority: 2 }],
    timeoutsMs: { ...DEFAULT_OPTIONS.timeoutsMs, list: 1500 },
    env: { pass: DEFAULT_OPTIONS.env.pass, set: { A: '1' } },
    state: 'PAUSED',
  });
  t.deepEqual(diffPools([pool('a')], [after]), [
    {
      pool: 'a',
      kind: 'CHANGED',
      options: [
        { option: 'state', before: 'active', after: 'paused' },
        { option: 'max', before: '4', after: '7' },
        { option: 'cmd_new', before: 'make', after: '["make","x"]' },
        { option: 'cmd_list', before: '', after: 'ls' },
        { option: 'tags', before: '[]', after: '[{"name":"big","priority":2}]' },
        { option: 'timeouts.list', before: '2m', after: '1s500ms' },
        { option: 'env.set.A', before: '', after: '1' },
      ],
    },
  ]);
  t.is(diffPools([after], [pool('a')])[0]?.options.length, 7);
  t.deepEqual(diffPools([after], [structuredClone(after)]), []);
});
