import test from 'ava';
import { begun, benchFree, doom, doomUnused, leased, leaseOver, newResource, recovered, spawned } from './life.js';
import type { PoolOptions } from './options/options.js';
import { DEFAULT_OPTIONS } from './options/options.js';
import { plan } from './plan.js';
import type { PoolDocument } from './pool-document.js';
import { newPoolDocument } from './pool-document.js';
import type { Resource } from './resource.js';
import type { PoolBench } from './supply.js';
import type { World, WorldLab } from './world.js';

const NOW = 1_000_000;
const COMMANDS = { new: 'n', delete: 'd', release: 'r' };
const BENCH: PoolBench = {
  ...{ name: 'p_1', pool: 'p', condition: 'READY', conditionBy: '', etag: 'e', affinity: '', cleaningToken: 0 },
};

interface Given {
  readonly options?: Partial<PoolOptions>;
  readonly document?: Partial<PoolDocument>;
  readonly resource?: Resource;
  readonly lab?: Partial<WorldLab>;
  readonly world?: Partial<World>;
}

function planned({ options, document, resource, lab, world }: Given, nowMs = NOW) {
  const all = { ...DEFAULT_OPTIONS, name: 'p', commands: COMMANDS, ...options };
  const known = { ...newPoolDocument('p', 0), ...document };
  const benches = { revision: 10, benches: new Map<string, PoolBench>() };
  const demand = { revision: 10, lacks: [], claimed: new Set<string>() };
  return plan(
    {
      pools: new Map([['p', { options: all, removed: false, document: known }]]),
      resources: new Map(resource && [[resource.number, resource]]),
      labs: new Map([['default', { callsFromMs: 0, benches, demand, ...lab }]]),
      host: 'here',
      flying: new Set(),
      busy: new Set(),
      claimedMs: new Map(),
      keptUntilMs: new Map(),
      ...world,
    },
    nowMs,
  );
}

function starting(): Resource {
  const options = { ...DEFAULT_OPTIONS, name: 'p', commands: COMMANDS };
  return newResource({ options, number: 1, name: 'p_1', idInPool: 0, counters: {}, run: 'run-1', host: 'there' }, NOW);
}

function up(revision = 5): Resource {
  const { running: _, ...resource } = starting();
  return benchFree({ ...resource, state: 'UP', upMs: NOW, freeSinceMs: NOW }, revision, NOW);
}

function inView(bench: Partial<PoolBench>, revision = 10): Partial<WorldLab> {
  return { benches: { revision, benches: new Map([['p_1', { ...BENCH, ...bench }]]) } };
}

test('a command on another host counts as running until its gate has certainly ended it', (t) => {
  const resource = spawned(starting(), 'run-1', { pid: 1, startTime: 's' }, 60_000, NOW);
  const before = planned({ resource, options: { maxPrealloc: 0 } }, NOW + 60_000);
  t.deepEqual(before.steps, []);
  t.is(before.againMs, NOW + 75_000);
  t.deepEqual(planned({ resource }, NOW + 75_000).steps, [{ do: 'recover', number: 1, released: false }]);
  t.deepEqual(planned({ resource: { ...resource, running: { ...resource.running!, host: 'here' } } }).steps, [
    { do: 'recover', number: 1, released: false },
  ]);
  t.deepEqual(
    planned({ resource: starting() }).steps,
    [{ do: 'recover', number: 1, released: false }],
    'it has not begun',
  );
  t.deepEqual(planned({ resource, world: { flying: new Set(['run-1']) } }).steps, []);
});

test('a list of benches that is older than the bench concludes nothing; from a newer one without it, it is deleted', (t) => {
  t.deepEqual(planned({ resource: up(11) }).steps, []);
  const [step] = planned({ resource: up(10) }).steps;
  t.like(step, { do: 'note', next: { state: 'DELETING', endReason: 'its bench was removed' } });
});

test('a start that is noted for a time to come counts as now, and a delay is waited for', (t) => {
  const options = { startDelayMs: 5000, maxPrealloc: 1 };
  const ahead = planned({ options, document: { lastStartMs: NOW + 3_600_000 } });
  t.deepEqual([ahead.starts, ahead.againMs], [[], NOW + 5000]);
  t.deepEqual(planned({ options, document: { lastStartMs: NOW - 5000 } }).starts, ['p']);
});

test('one whose lease is over comes for its sandbox before its row says so', (t) => {
  const lease = { id: 'l', fencingToken: 7, sandbox: 's', sinceMs: NOW };
  const resource = leased(up(), lease, NOW);
  const startsFor = (affinity: string, reuseOpportunityMs = 1000) => {
    const lack = { attributes: [], affinity, count: 1, offers: [{ pool: 'p', weight: 0 }] };
    const demand = { revision: 10, lacks: [lack], claimed: new Set<string>() };
    const options = { reuseOpportunityMs, maxPrealloc: 0 };
    // Its cmd_release is about to begin.
    const world = { busy: new Set([1]) };
    return planned({ resource, options, lab: { ...inView({ cleaningToken: 7 }), demand }, world }).starts;
  };
  t.deepEqual(startsFor('s'), []);
  t.deepEqual(startsFor('other'), ['p']);
  t.deepEqual(startsFor('s', 0), ['p'], 'it is not used again');
});

test('a degraded pool probes with one start at its time', (t) => {
  const options = { maxPrealloc: 3, maxStarting: 3 };
  const document = { failuresInRow: 5, retryMs: NOW + 10 };
  const before = planned({ options, document });
  t.deepEqual([before.starts, before.againMs], [[], NOW + 10]);
  t.deepEqual(planned({ options, document }, NOW + 10).starts, ['p']);
});

test('a lease that ends is released before the bench is given free, and a lease that was never seen is not trusted', (t) => {
  const lease = { id: 'l', fencingToken: 7, sandbox: 's', sinceMs: NOW };
  const options = { reuseOpportunityMs: 1000 };
  const held = leased(up(), lease, NOW);
  t.deepEqual(planned({ resource: held, options, lab: inView({ cleaningToken: 7 }) }).steps, [
    { do: 'run', number: 1, hook: 'release', token: 7 },
  ]);
  const releasing = leaseOver(held, 7, false, NOW);
  const given = { resource: releasing, options, lab: inView({ cleaningToken: 7 }) };
  t.like(releasing, { state: 'RELEASING', sandbox: 's', releases: 1 });
  t.deepEqual(planned(given).steps, [{ do: 'run', number: 1, hook: 'release' }]);
  const released = { ...releasing, released: true };
  t.deepEqual(planned({ ...given, resource: released }).steps, [
    { do: 'finishCleaning', number: 1, token: 7, affinity: 's' },
  ]);
  const [unseen] = planned({ ...given, resource: released, lab: inView({ cleaningToken: 9 }) }).steps;
  t.like(unseen, { do: 'change', next: { state: 'RELEASING', sandbox: '', releases: 2 } });
  const running = begun(releasing, 'release', 'run-2', 'here', NOW);
  t.deepEqual(planned({ ...given, resource: running, world: { flying: new Set(['run-2']) } }).steps, []);
});

test('of a release whose outcome got lost the bench tells that it went well; else nobody knows', (t) => {
  const lease = { id: 'l', fencingToken: 7, sandbox: 's', sinceMs: NOW };
  const resource = begun(leaseOver(leased(up(), lease, NOW), 7, false, NOW), 'release', 'run-2', 'here', NOW);
  const recovers = (lab: Partial<WorldLab>): unknown[] =>
    planned({ resource, lab }).steps.map((step) => step.do === 'recover' && step.released);
  t.deepEqual(recovers({ benches: undefined }), [], 'its bench is not known yet');
  t.deepEqual(recovers(inView({ cleaningToken: 7 })), [false]);
  t.deepEqual(recovers(inView({ cleaningToken: 5 })), [false], 'the lease service has lost its end');
  t.deepEqual(recovers(inView({ lease })), [false]);
  t.deepEqual(recovers({ benches: { revision: 10, benches: new Map() } }), [false]);
  t.deepEqual(recovers(inView({})), [true]);
  t.deepEqual(recovers(inView({ cleaningToken: 9 })), [true]);
  t.deepEqual(recovers(inView({ lease: { ...lease, fencingToken: 9 } })), [true]);
  t.like(recovered(resource, false, NOW), { doom: { reason: 'its server stopped while it was released' } });
  t.like(recovered(resource, true, NOW), {
    released: true,
    doom: undefined,
    running: undefined,
    attempts: { release: 1 },
  });
});

test('what an operator deletes goes by force, or only while it is unused', (t) => {
  const lease = { id: 'l', fencingToken: 7, sandbox: '', sinceMs: NOW };
  const lab = inView({ lease });
  const force = planned({ resource: doom(leased(up(), lease, NOW), 'so', NOW), lab }).steps;
  t.deepEqual(force, [{ do: 'deleteBench', number: 1, how: 'force', reason: 'so' }]);
  const unused = doomUnused(up(), 'so', NOW);
  t.deepEqual(planned({ resource: unused, lab: inView({}) }).steps, [
    { do: 'deleteBench', number: 1, how: 'idle', reason: 'so' },
  ]);
  const [taken] = planned({ resource: unused, lab }).steps;
  t.true(taken?.do === 'note' && taken.next.doom === undefined, 'somebody got it before');
});
