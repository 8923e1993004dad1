import test from 'ava';
import type { Announced, BenchSpec } from '../model.js';
import { OPERATOR, Scene } from '../../../simulation/scene.js';
import { sameSpec } from '../same-spec.js';
import { attributes, bench, named, requirement } from '../../../simulation/specs.js';
import type { Applied } from './inventory.js';
import {
  benchNamed,
  etagOf,
  planAnnounce,
  planApplyInventory,
  planCreateBench,
  planDeleteBench,
  planUpdateBench,
} from './inventory.js';

const any = requirement();

function remove(scene: Scene, name: string, force = false): boolean {
  return scene.run((draft) => planDeleteBench(draft, name, '', { force }, OPERATOR));
}

function apply(scene: Scene, specs: readonly BenchSpec[], prune = false, force = false): Applied {
  return scene.run((draft) => planApplyInventory(draft, { specs, prune, force }, OPERATOR));
}

function benches(scene: Scene): string[] {
  return [...scene.state.benches.keys()].sort();
}

test('a new bench goes to who waits for one like it', (t) => {
  const scene = new Scene({}, bench('b1'));
  scene.acquire('holder', [any]);
  scene.acquire('waits', [any]);
  scene.run((draft) => planCreateBench(draft, bench('b2'), 'pool/farm'));
  t.deepEqual(scene.held('waits'), ['b2']);
  t.is(
    scene.refusal(() => scene.run((draft) => planCreateBench(draft, bench('b2'), 'inventory'))).reason,
    'BENCH_EXISTS',
  );
});

test('a changed bench goes to who can use it now, and is taken from nobody', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2', { attributes: attributes('x') }));
  const x = requirement({ attributes: ['x'] });
  scene.acquire('holder', [x]);
  scene.acquire('waits', [x]);
  const give = (spec: BenchSpec): BenchSpec => ({ ...spec, attributes: attributes('x') });
  scene.run((draft) => planUpdateBench(draft, 'b1', '', give));
  const changed = benchNamed(scene.state, 'b1');
  t.deepEqual(scene.held('waits'), ['b1']);
  scene.run((draft) => planUpdateBench(draft, 'b2', '', (spec) => ({ ...spec, attributes: [] })));
  t.deepEqual(scene.held('holder'), ['b2']);
  scene.run((draft) => planUpdateBench(draft, 'b1', etagOf(changed), give));
  t.deepEqual(scene.events, [], 'no change, no event');
});

test('a change that was made on an older state is refused', (t) => {
  const scene = new Scene({}, bench('b'));
  const etag = etagOf(scene.state.benches.get('b')!);
  const update = (location: string): unknown =>
    scene.run((draft) => planUpdateBench(draft, 'b', etag, (spec) => ({ ...spec, location })));
  update('here');
  const { reason, details } = scene.refusal(() => update('there'));
  t.is(reason, 'STALE_ETAG');
  t.is(details.metadata?.['etag'], etagOf(scene.state.benches.get('b')!));
  t.is(scene.state.benches.get('b')?.spec.location, 'here');
  t.is(
    scene.refusal(() => scene.run((draft) => planDeleteBench(draft, 'b', etag, { force: false }, OPERATOR))).reason,
    'STALE_ETAG',
  );
  t.is(scene.refusal(() => remove(scene, 'none')).reason, 'NO_SUCH_BENCH');
});

test('a leased bench finishes its lease, then it goes', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('holder', [named('b1')]);
  t.false(remove(scene, 'b1'));
  scene.acquire('other', [any]);
  t.deepEqual(scene.held('other'), ['b2']);
  t.is(scene.acquire('waits', [any]).kind, 'waiting');
  scene.release('holder');
  t.deepEqual(benches(scene), ['b2']);
  t.deepEqual(scene.queue, ['waits']);
});

test('a bench on its way out is not changed: that would take the removal back without a word', (t) => {
  const scene = new Scene({}, bench('b1'));
  scene.acquire('holder', [any]);
  t.false(remove(scene, 'b1'));
  const update = () => scene.run((draft) => planUpdateBench(draft, 'b1', '', (spec) => ({ ...spec, location: 'x' })));
  t.is(scene.refusal(update).reason, 'BENCH_UNAVAILABLE');
  t.true(scene.state.benches.get('b1')?.retired);
});

test('removing by force ends the lease', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('holder', [named('b1'), named('b2')]);
  t.true(remove(scene, 'b1', true));
  t.like(
    scene.changes.find((change) => change.kind === 'leaseEnded'),
    { reason: 'BENCH_REMOVED' },
  );
  t.deepEqual(benches(scene), ['b2']);
  t.is(scene.state.benches.get('b2')?.lease, undefined);
});

test('a bench that somebody has nothing else to wait for is not removed, unless by force', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('holder', [named('b1')]);
  scene.acquire('waits', [named('b1')], { owner: 'bob' });
  scene.acquire('waits for either', [any, any]);
  const { reason, message, details } = scene.refusal(() => remove(scene, 'b1'));
  t.is(reason, 'BENCH_WANTED');
  t.regex(message, /waiting request\(s\) could be served by nothing else, the first by (bob|ann)/);
  t.is(details.preconditions?.[0]?.type, 'WANTED');
  t.true(remove(scene, 'b1', true));
  t.deepEqual(scene.queue, []);
  const gone = scene.changes.filter((change) => change.kind === 'requestGone');
  t.deepEqual(
    gone.map((change) => change.reason),
    ['UNSATISFIABLE', 'UNSATISFIABLE'],
  );
});

test('whose lease or request ends by a removal is told the reason', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('holder', [any]);
  scene.acquire('waits', [any]);
  scene.run((draft) => planDeleteBench(draft, 'b', '', { force: true, reason: 'it burns' }, OPERATOR));
  const told = scene.changes.flatMap((change) => ('message' in change ? [`${change.kind}: ${change.message}`] : []));
  t.deepEqual(told, [
    'requestGone: olga removed the last bench that could serve it: it burns',
    "leaseEnded: olga removed 'b' by force: it burns",
  ]);
});

test('a bench that is to be deleted only while it is idle stays when it is leased, or kept for a request', (t) => {
  const scene = new Scene({}, bench('held'), bench('claimed'), bench('free'));
  const only = (name: string) => () =>
    scene.run((draft) => planDeleteBench(draft, name, '', { force: true, onlyIdle: true }, OPERATOR));
  scene.acquire('holder', [named('held')], { owner: 'bob' });
  scene.acquire('pair', [named('held'), named('claimed')]);
  const held = scene.refusal(only('held'));
  t.deepEqual([held.reason, held.details.resource?.owner], ['BENCH_IN_USE', 'bob']);
  t.regex(held.message, /^bench 'held' is not deleted: it is held by bob, and only_idle is set\. /);
  t.regex(scene.refusal(only('claimed')).message, /it is kept for request 'pair' of ann/);
  t.true(only('free')());
  t.deepEqual(benches(scene), ['claimed', 'held']);
});

test("a pool's bench goes whoever waits for it, and who waits stays", (t) => {
  const scene = new Scene();
  scene.run((draft) => planCreateBench(draft, bench('p1'), 'pool/farm'));
  scene.acquire('holder', [any]);
  scene.acquire('waits', [any]);
  t.false(remove(scene, 'p1'), 'after its lease');
  t.true(remove(scene, 'p1', true));
  t.deepEqual(scene.queue, ['waits']);
  scene.run((draft) => planCreateBench(draft, bench('p2'), 'pool/farm'));
  t.deepEqual(scene.held('waits'), ['p2']);
});

test('an inventory is made so: created, updated, unchanged, and removed with prune', (t) => {
  const scene = new Scene({}, bench('same'), bench('changes'), bench('goes'));
  scene.run((draft) => planCreateBench(draft, bench('pooled'), 'pool/farm'));
  const specs = [bench('same'), bench('changes', { location: 'x' }), bench('new')];
  t.deepEqual(apply(scene, specs), { created: ['new'], updated: ['changes'], removed: [], unchanged: ['same'] });
  t.deepEqual(apply(scene, specs, true), {
    created: [],
    updated: [],
    removed: ['goes'],
    unchanged: ['same', 'changes', 'new'],
  });
  t.deepEqual(benches(scene), ['changes', 'new', 'pooled', 'same']);
});

test('an inventory that cannot be applied changes nothing', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.run((draft) => planCreateBench(draft, bench('pooled'), 'pool/farm'));
  t.is(scene.refusal(() => apply(scene, [bench('new'), bench('pooled')])).reason, 'BENCH_EXISTS');
  scene.acquire('holder', [named('b')]);
  scene.acquire('waits', [named('b')]);
  t.is(scene.refusal(() => apply(scene, [bench('new')], true)).reason, 'BENCH_WANTED');
  t.deepEqual(benches(scene), ['b', 'pooled']);
});

test('a bench on its way out that an inventory names again stays', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('holder', [any]);
  remove(scene, 'b');
  t.deepEqual(apply(scene, [bench('b')]).updated, ['b']);
  scene.release('holder');
  t.deepEqual(benches(scene), ['b']);
});

test('a leased bench finishes its lease before its maintenance; back in READY it goes to who waits', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('h1', [named('b1')]);
  scene.acquire('h2', [named('b2')]);
  scene.setCondition('b1', 'MAINTENANCE', 'new cable');
  t.deepEqual(scene.held('h1'), ['b1']);
  scene.acquire('waits', [any]);
  scene.release('h1');
  t.deepEqual(scene.queue, ['waits']);
  scene.setCondition('b1', 'READY');
  t.deepEqual(scene.held('waits'), ['b1']);
});

test('descriptions are the same whatever the order of their keys', (t) => {
  t.true(sameSpec(bench('b', { labels: { a: '1', b: '2' } }), bench('b', { labels: { b: '2', a: '1' } })));
  t.false(sameSpec(bench('b', { labels: { a: '1' } }), bench('b', { labels: { a: '2' } })));
  t.false(sameSpec(bench('b', { attributes: attributes('x:1') }), bench('b', { attributes: attributes('x:2') })));
});

function announce(scene: Scene, name: string, said: Partial<Announced>): void {
  scene.run((draft) => {
    planAnnounce(draft, name, '', () => said);
  });
}

test('what a service on a bench announces is laid over the description, and an inventory does not take it back', (t) => {
  const described = bench('b', { properties: { socket: 'old', key: 'k' }, labels: { rack: '1' } });
  const scene = new Scene({}, described);
  announce(scene, 'b', { properties: { socket: 'new' }, labels: { at: 'port-1' } });
  const { spec, base } = benchNamed(scene.state, 'b');
  t.deepEqual(spec.properties, { socket: 'new', key: 'k' });
  t.deepEqual(spec.labels, { rack: '1', at: 'port-1' });
  t.deepEqual(base, described);
  t.deepEqual(apply(scene, [described]).unchanged, ['b'], 'the inventory has not changed');
  t.deepEqual(apply(scene, [{ ...described, location: 'l1', labels: { rack: '2' } }]).updated, ['b']);
  t.like(benchNamed(scene.state, 'b').spec, {
    location: 'l1',
    properties: { socket: 'new', key: 'k' },
    labels: { rack: '2', at: 'port-1' },
  });
});

test('an announcement replaces the part that it names, and ends when it is empty or the owner says what is', (t) => {
  const scene = new Scene({}, bench('b', { properties: { key: 'k' } }));
  announce(scene, 'b', { properties: { one: '1' }, labels: { at: 'x' } });
  announce(scene, 'b', { properties: { two: '2' } });
  t.like(benchNamed(scene.state, 'b').spec, { properties: { key: 'k', two: '2' }, labels: { at: 'x' } });
  const etag = etagOf(benchNamed(scene.state, 'b'));
  announce(scene, 'b', { properties: { two: '2' } });
  t.deepEqual(scene.events, [], 'no news, no event');
  t.is(etagOf(benchNamed(scene.state, 'b')), etag);
  announce(scene, 'b', { properties: {} });
  t.like(benchNamed(scene.state, 'b').spec, { properties: { key: 'k' }, labels: { at: 'x' } });
  const set = (spec: BenchSpec): BenchSpec => ({ ...spec, labels: { at: 'y' } });
  scene.run((draft) => planUpdateBench(draft, 'b', '', set, ['labels']));
  const { spec, base } = benchNamed(scene.state, 'b');
  t.deepEqual(spec.labels, { at: 'y' });
  t.is(spec, base, 'nothing is announced any more');
});

test('what is announced counts for those who wait, and leaves the present lease as it was granted', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('holder', [named('b1')]);
  announce(scene, 'b1', { labels: { at: 'x' } });
  scene.acquire('waits', [requirement({ labels: { at: 'x' } })], { owner: 'bob' });
  t.deepEqual(scene.state.leaseOf.get('holder')?.specs[0]?.labels, {});
  scene.release('holder');
  t.deepEqual(scene.held('waits'), ['b1']);
});

test('a bench on its way out announces nothing, and one that is made again begins anew', (t) => {
  const scene = new Scene({}, bench('b'));
  announce(scene, 'b', { labels: { at: 'x' } });
  scene.acquire('holder', [named('b')]);
  remove(scene, 'b');
  t.is(
    scene.refusal(() => {
      announce(scene, 'b', { labels: {} });
    }).reason,
    'BENCH_UNAVAILABLE',
  );
  scene.release('holder');
  apply(scene, [bench('b')]);
  t.deepEqual(benchNamed(scene.state, 'b').spec.labels, {});
  t.is(
    scene.refusal(() => {
      announce(scene, 'none', {});
    }).reason,
    'NO_SUCH_BENCH',
  );
});
