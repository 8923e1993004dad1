import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import type { RequestSpec } from './model.js';
import { dumpFacts } from '../../simulation/dump-state.js';
import { checkSeeded } from '../../simulation/seeded.fixture.js';
import { SimulatedCluster } from '../../simulation/simulated-cluster.js';
import type { Happening } from '../../simulation/simulated-cluster.js';
import { bench, request, requirement, RULES } from '../../simulation/specs.js';

const BENCHES = ['b0', 'b1', 'b2'];

const wanted = fc.oneof(
  fc.constant([requirement()]),
  fc.constantFrom(...BENCHES).map((name) => [requirement({ bench: name })]),
  fc.subarray(BENCHES, { minLength: 2 }).map((names) => names.map((name) => requirement({ bench: name }))),
);

const spec = fc
  .record({
    requirements: wanted,
    priority: fc.constantFrom(0, 50, 50, 100),
    ttl: fc.boolean(),
    graceMs: fc.constantFrom(0, 0, 2_000),
  })
  .map(({ requirements, priority, ttl, graceMs }) => {
    const hold: Partial<RequestSpec> = ttl ? { hold: 'TTL', ttlMs: 1_500 } : {};
    return (id: string) => request(id, requirements, { priority, graceMs, ...hold });
  });

const MOSTLY = [
  'replica',
  'replica',
  'replica',
  'replica',
  'replica',
  'connect',
  'connect',
  'finish',
  'beat',
  'renew',
] as const;
const TROUBLE = [
  'loseAnswer',
  'delay',
  'deliver',
  'pause',
  'resume',
  'hangUp',
  'notice',
  'abandon',
  'kill',
  'sweep',
  'time',
] as const;

function happenings(trouble: readonly Happening['what'][]): fc.Arbitrary<Happening[]> {
  const what = fc.constantFrom(...MOSTLY, ...MOSTLY, ...trouble);
  const which = fc.constantFrom(0, 1, 2, 400, 1_000, 4_000);
  return fc.array(fc.record({ what, who: fc.nat(20), which }), { maxLength: 250, size: 'max' });
}

const LOSSES: Happening['what'][] = ['backUp', 'loseTail'];

for (const [title, trouble] of [
  ['replicas that are paused, killed and not answered agree, and serve everybody', [...TROUBLE]],
  ['so they do on a store that goes back to older copies of itself', [...TROUBLE, ...LOSSES]],
] as const) {
  test(title, (t) => {
    const run = fc.record({
      size: fc.integer({ min: 2, max: 3 }),
      backfill: fc.boolean(),
      specs: fc.array(spec, { minLength: 2, maxLength: 8 }),
      story: happenings(trouble),
    });
    checkSeeded(
      t,
      400,
      fc.property(run, ({ size, backfill, specs, story }) => {
        const requests = specs.map((make, i) => make(`r${String(i)}`));
        const benches = BENCHES.map((name) => bench(name));
        const cluster = new SimulatedCluster({ ...RULES, backfill }, benches, requests, size);
        for (const happening of story) cluster.happen(happening);

        assert.equal(cluster.heal(200), true, 'everybody is served or told, and nothing is left over');
        const replayed = dumpFacts(cluster.replay());
        for (const { state } of cluster.replicas) assert.deepEqual(dumpFacts(state), replayed, 'all replicas agree');
        assert.deepEqual([...cluster.log.locks], [], 'every lock was given back');
        const newest = new Map<string, number>();
        for (const { bench: name, token } of cluster.log.grants) {
          assert.ok(token > (newest.get(name) ?? 0), `tokens of ${name} rise, also over what the store lost`);
          newest.set(name, token);
        }
      }),
    );
  });
}
