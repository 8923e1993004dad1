import test from 'ava';
import { nothingInForce, poolsOf, withoutRemoved, withPools } from './in-force.js';
import type { PoolOptions } from './options/options.js';
import { DEFAULT_OPTIONS } from './options/options.js';

function pool(name: string, max = 4): PoolOptions {
  return { ...DEFAULT_OPTIONS, name, max, commands: { new: 'make', delete: 'remove' } };
}

function told(inForce: Parameters<typeof poolsOf>[0]): readonly string[] {
  return poolsOf(inForce).map(({ options, removed }) => `${options.name} ${options.max}${removed ? ' removed' : ''}`);
}

test('a pool that leaves the text drains with its last options, until it is back or nothing of it is left', (t) => {
  const first = withPools(nothingInForce(), [pool('b'), pool('a', 1)], { origin: 'file', fileHash: 'h1' }, 1000);
  t.deepEqual(told(first), ['a 1', 'b 4']);
  const second = withPools(first, [pool('b', 9)], { origin: 'ann' }, 2000);
  t.deepEqual(told(second), ['a 1 removed', 'b 9']);
  t.like(second, { origin: 'ann', fileHash: 'h1', applyMs: 2000 });
  const third = withPools(second, [], { origin: 'ann' }, 3000);
  t.deepEqual(told(third), ['a 1 removed', 'b 9 removed']);
  t.deepEqual(told(withPools(third, [pool('a', 2)], { origin: 'ann' }, 4000)), ['a 2', 'b 9 removed']);
  t.deepEqual(told(withoutRemoved(third, 'a')!), ['b 9 removed']);
  t.is(withoutRemoved(first, 'a'), undefined);
});

test('a text that is taken ends the fault of a file', (t) => {
  const faulty = { ...nothingInForce(), fileFault: 'line 3' };
  t.is(withPools(faulty, [], { origin: 'ann' }, 1000).fileFault, '');
});

test('options that an earlier version did not know have their defaults', (t) => {
  const { idleGraceMs: _, sweep: __, ...known } = pool('a');
  const sweep = { periodMs: 5, prefix: 'a_' };
  const inForce = { ...nothingInForce(), pools: [{ ...known, sweep } as unknown as PoolOptions] };
  t.deepEqual(poolsOf(inForce)[0]?.options, { ...pool('a'), sweep: { ...DEFAULT_OPTIONS.sweep, ...sweep } });
});
