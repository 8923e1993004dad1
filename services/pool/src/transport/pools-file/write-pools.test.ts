import test from 'ava';
import fc from 'fast-check';
import type { PoolOptions } from '../../domain/options/options.js';
import { DEFAULT_OPTIONS, POOL_STATES } from '../../domain/options/options.js';
import { literalStart } from '../../domain/options/name-pattern.js';
import { readPools } from './read-pools.js';
import { writeOptions, writePools } from './write-pools.js';

const DAY_MS = 86_400_000;
const span = fc.integer({ min: 1, max: DAY_MS });
const count = fc.nat(1000);
const command = fc.oneof(
  fc.constantFrom('make', 'yes', '012', 'a\nb', 'say \'x\' "y" #z', '{ a: b }', '- x', '*x'),
  fc.tuple(fc.constantFrom('/bin/make', '1'), fc.string(), fc.constantFrom('on', '~')).map(([a, b, c]) => {
    return [a, b.replaceAll('\0', ''), c] as const;
  }),
);

function names(prefix: string) {
  const name = fc.stringMatching(/^[a-z0-9]{1,4}$/).map((end) => prefix + end);
  return fc.uniqueArray(name, { maxLength: 3 });
}

function tags(prefix: string) {
  const priority = fc.integer({ min: -9, max: 9 });
  return names(prefix).chain((found) =>
    fc.tuple(...found.map((name) => priority.map((one) => ({ name, priority: one })))),
  );
}

/** Any pool that the file can say. */
function anyPool(name: string): fc.Arbitrary<PoolOptions> {
  const some = fc.record({
    description: fc.constantFrom('', 'two\nlines', 'true'),
    state: fc.constantFrom(...POOL_STATES),
    max: count,
    maxPrealloc: count,
    startDelayMs: fc.nat(DAY_MS),
    commands: fc.record({ new: command, delete: command, list: command }, { requiredKeys: ['new', 'delete'] }),
    tags: tags('t'),
    tagsOnDemand: fc.oneof(fc.constant([]), tags('d')),
    reuseOpportunityMs: fc.nat(DAY_MS),
    namedCounters: names('c'),
    namePattern: fc.constantFrom(DEFAULT_OPTIONS.namePattern, 'vm-{id}'),
    timeoutsMs: fc.record({ new: span, delete: span, release: span, livecheck: span, list: span }),
    retry: fc.record({
      initialMs: fc.integer({ min: 1, max: 500 }),
      maxMs: span.map((ms) => ms + 500),
      factor: fc.constantFrom(1, 1.5, 2),
    }),
    env: fc.record({ pass: fc.constantFrom([], ['AWS_*']), set: fc.constantFrom({}, { A: '1', B: 'x\ty' }) }),
    outputLimitBytes: fc.integer({ min: 0, max: 12_288 }),
  });
  const own = fc.record({ user: fc.constant('lab') }, { requiredKeys: [] });
  return fc.tuple(some, own, fc.boolean()).map(([changes, user, ownPrefix]) => {
    const { tagsOnDemand, maxPrealloc, namePattern } = changes;
    const start = literalStart(namePattern, name);
    const sweep = { ...DEFAULT_OPTIONS.sweep, prefix: ownPrefix ? `${start}0` : start };
    return {
      ...DEFAULT_OPTIONS,
      name,
      ...changes,
      ...user,
      sweep,
      maxPrealloc: tagsOnDemand.length > 0 ? 0 : maxPrealloc,
    };
  });
}

test('pools survive being written and read again', async (t) => {
  const files = fc.asyncProperty(fc.tuple(anyPool('vms'), anyPool('y')), async (pools) => {
    t.deepEqual(await readPools(writePools(pools), 'pools.yaml'), { pools, faults: [], warnings: [] });
    const [pool] = pools;
    const text = writeOptions(pool).replaceAll(/^(?=.)/gm, '  ');
    t.deepEqual((await readPools(`vms:\n${text}`, 'pools.yaml')).pools, [pool]);
  });
  await fc.assert(files);
});

test('the text is what a person would write', (t) => {
  const pool: PoolOptions = {
    ...DEFAULT_OPTIONS,
    name: 'vms',
    max: 7,
    startDelayMs: 1500,
    commands: { new: '/bin/make --fast', delete: ['/bin/remove', 'a b'] },
    tags: [
      { name: 'big', priority: 5 },
      { name: 'x86', priority: 0 },
    ],
    timeoutsMs: { ...DEFAULT_OPTIONS.timeoutsMs, new: 5_400_000 },
    sweep: { ...DEFAULT_OPTIONS.sweep, prefix: 'vms_' },
  };
  t.is(
    writePools([pool]),
    `vms:
  max: 7
  start_delay: 1.5
  cmd_new: /bin/make --fast
  cmd_delete: [ /bin/remove, a b ]
  tags: [ { name: big, priority: 5 }, x86 ]
  timeouts:
    new: 1h30m
`,
  );
  t.is(writePools([]), '{}\n');
});
