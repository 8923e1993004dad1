import test from 'ava';
import { Scene } from '../../../simulation/scene.js';
import { bench, named, requirement } from '../../../simulation/specs.js';
import type { Due } from './streams.js';
import { planDetach, planDue, planSessionLost } from './streams.js';

const any = requirement();

function lab(): Scene {
  const scene = new Scene({ waiterGraceMs: 30_000 }, bench('b'));
  scene.acquire('holder', [any]);
  return scene;
}

function due(scene: Scene, kind: Due['kind'], id: string): string[] {
  scene.run((draft) => planDue(draft, { kind, id }));
  return scene.events.map((event) => event.type);
}

test('the same request again keeps its place and its session moves', (t) => {
  const scene = lab();
  scene.acquire('first', [any]);
  scene.acquire('second', [any]);
  t.is(scene.acquire('first', [any], {}, 's2').kind, 'waiting');
  t.deepEqual(scene.queue, ['first', 'second']);
  t.is(scene.waiting('first').session, 's2');
});

test('the same request again gets the same lease', (t) => {
  const scene = lab();
  const before = scene.leaseOf('holder');
  const { id, token } = before;
  const standing = scene.acquire('holder', [any], {}, 's2');
  t.like(standing, { kind: 'granted', lease: { id, token, session: 's2' } });
  t.is(scene.state.leases.size, 1);
});

test('the same request again on the same stream changes nothing', (t) => {
  const scene = lab();
  scene.acquire('waits', [any]);
  for (const id of ['holder', 'waits']) {
    scene.acquire(id, [any]);
    t.deepEqual(scene.events, []);
  }
});

test('a request id with another payload is refused', (t) => {
  const scene = lab();
  scene.acquire('waits', [any]);
  for (const id of ['holder', 'waits']) {
    const { reason, details } = scene.refusal(() => scene.acquire(id, [named('b')]));
    t.is(reason, 'REQUEST_ID_REUSED');
    t.is(details.fields?.[0]?.field, 'request_id');
  }
});

test('a stream that ends gives its place up, and its connection lease, which the next one gets', (t) => {
  const scene = lab();
  scene.acquire('goes', [any]);
  scene.acquire('next', [any]);
  scene.run((draft) => planDetach(draft, 'goes', 's1'));
  t.like(scene.events[0], { type: 'RequestGone', requestId: 'goes', reason: 'DISCONNECTED' });
  scene.run((draft) => planDetach(draft, 'holder', 's1'));
  t.like(scene.events[0], { type: 'LeaseEnded', reason: 'DISCONNECTED' });
  t.deepEqual(scene.held('next'), ['b']);
});

test('the end of a stream means nothing to a request that hangs on another session by now', (t) => {
  const scene = lab();
  scene.acquire('waits', [any]);
  scene.acquire('waits', [any], {}, 's2');
  scene.acquire('holder', [any], {}, 's2');
  for (const id of ['waits', 'holder', 'never was']) {
    scene.run((draft) => planDetach(draft, id, 's1'));
    t.deepEqual(scene.events, []);
  }
});

for (const hold of ['TTL', 'MANUAL'] as const) {
  test(`a ${hold} lease does not hang on the stream, its place in the queue does`, (t) => {
    const scene = new Scene({}, bench('b'));
    const more = { hold, ...(hold === 'TTL' ? { ttlMs: 1_000 } : {}) };
    scene.acquire('holds', [any], more);
    scene.acquire('waits', [any], more);
    for (const id of ['holds', 'waits']) scene.run((draft) => planDetach(draft, id, 's1'));
    scene.run((draft) => planSessionLost(draft, 's1'));
    t.deepEqual(scene.held('holds'), ['b']);
    t.deepEqual(scene.queue, []);
  });
}

test('within its grace a caller comes back to its place and to its lease', (t) => {
  const scene = new Scene({}, bench('b'));
  for (const id of ['holds', 'waits']) scene.acquire(id, [any], { graceMs: 5_000 });
  for (const id of ['holds', 'waits']) scene.run((draft) => planDetach(draft, id, 's1'));
  scene.now += 4_000;
  t.deepEqual(due(scene, 'leaseGrace', scene.leaseOf('holds').id), []);
  t.deepEqual(due(scene, 'requestGrace', 'waits'), []);
  for (const id of ['holds', 'waits']) scene.acquire(id, [any], { graceMs: 5_000 }, 's2');
  scene.now += 10_000;
  t.deepEqual(due(scene, 'leaseGrace', scene.leaseOf('holds').id), []);
  t.deepEqual(due(scene, 'requestGrace', 'waits'), []);
  t.deepEqual([scene.held('holds'), scene.queue], [['b'], ['waits']]);
});

test('after its grace place and lease are gone', (t) => {
  const scene = new Scene({}, bench('b'));
  for (const id of ['holds', 'waits']) scene.acquire(id, [any], { graceMs: 5_000 });
  for (const id of ['holds', 'waits']) scene.run((draft) => planDetach(draft, id, 's1'));
  scene.now += 5_000;
  t.deepEqual(due(scene, 'requestGrace', 'waits'), ['RequestGone']);
  t.deepEqual(due(scene, 'leaseGrace', scene.leaseOf('holds').id), ['LeaseEnded']);
});

test('with a least grace of the server a place is kept that asked for none', (t) => {
  const scene = lab();
  scene.acquire('waits', [any]);
  scene.run((draft) => planDetach(draft, 'waits', 's1', 2_000));
  t.is(scene.waiting('waits').detachedUntilMs, scene.now + 2_000);
});

test('of a lost server process connection leases end or keep their grace, and waiters keep their places', (t) => {
  const scene = new Scene({ waiterGraceMs: 30_000 }, bench('b1'), bench('b2'), bench('b3'));
  scene.acquire('ends', [named('b1')]);
  scene.acquire('has grace', [named('b2')], { graceMs: 5_000 });
  scene.acquire('elsewhere', [named('b3')], {}, 's2');
  scene.acquire('waits', [named('b2')], { graceMs: 60_000 });
  scene.acquire('waits too', [named('b2')]);
  scene.run((draft) => planSessionLost(draft, 's1'));
  t.deepEqual(scene.steps[0], { kind: 'sessionGone', session: 's1' });
  t.is(scene.held('ends'), undefined);
  t.is(scene.leaseOf('has grace').detachedUntilMs, scene.now + 5_000);
  t.is(scene.leaseOf('elsewhere').detachedUntilMs, undefined);
  t.is(scene.waiting('waits').detachedUntilMs, scene.now + 60_000);
  t.is(scene.waiting('waits too').detachedUntilMs, scene.now + 30_000);
  scene.run((draft) => planSessionLost(draft, 's1'));
  t.deepEqual(scene.events, []);
});

test('a wait ends when its time is over, not before, and whether or not the caller is attached', (t) => {
  const scene = lab();
  for (const id of ['attached', 'away']) scene.acquire(id, [any], { waitMs: 10_000, graceMs: 60_000 });
  scene.run((draft) => planDetach(draft, 'away', 's1'));
  scene.now = scene.waiting('attached').arrivalMs + 9_999;
  t.deepEqual(due(scene, 'wait', 'attached'), []);
  scene.now += 2;
  for (const id of ['attached', 'away']) {
    t.deepEqual(due(scene, 'wait', id), ['RequestGone']);
    t.like(scene.events[0], { reason: 'TIMEOUT' });
  }
  scene.release('holder');
  t.deepEqual([scene.held('attached'), scene.held('away')], [undefined, undefined]);
});

test('max_duration ends a lease, whatever holds it', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('r', [any], { maxDurationMs: 1_000, hold: 'MANUAL' });
  const { id } = scene.leaseOf('r');
  scene.now += 999;
  t.deepEqual(due(scene, 'leaseEnd', id), []);
  scene.now += 1;
  t.deepEqual(due(scene, 'leaseEnd', id), ['LeaseEnded']);
  t.like(scene.events[0], { reason: 'MAX_DURATION' });
});

test('the end of a TTL is left to the store to check', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('r', [any], { hold: 'TTL', ttlMs: 1_000 });
  const { id } = scene.leaseOf('r');
  t.deepEqual(due(scene, 'ttl', id), ['LeaseEnded']);
  t.like(scene.events[0], { reason: 'EXPIRED' });
  t.deepEqual(
    scene.steps.map((step) => step.kind),
    ['free', 'overdue', 'remember'],
  );
  t.deepEqual(due(scene, 'ttl', id), []);
});

test('a grant takes the locks, needs the session alive, and starts the TTL; its token is the revision of its event', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('r', [named('b2'), named('b1')], { hold: 'TTL', ttlMs: 700 }, 's7');
  const { id: lease, token } = scene.leaseOf('r');
  t.deepEqual(scene.steps.slice(1), [
    { kind: 'hold', bench: 'b2', lease, event: 1 },
    { kind: 'hold', bench: 'b1', lease, event: 1 },
    { kind: 'sessionAlive', session: 's7' },
    { kind: 'arm', lease, ttlMs: 700 },
  ]);
  t.deepEqual(scene.steps[0], { kind: 'fresh', id: 'r' });
  t.is(token, scene.state.revision);
});

test('what is free is kept back for a caller who is away only for a while: then the next has it, and the place stays', (t) => {
  const scene = lab();
  scene.acquire('away', [any], { graceMs: 3_600_000 });
  scene.acquire('next', [any]);
  scene.acquire('last', [any]);
  scene.run((draft) => planDetach(draft, 'away', 's1'));
  scene.release('holder');
  scene.now += 19_999;
  t.deepEqual(due(scene, 'keepBack', 'away'), []);
  t.is(scene.held('next'), undefined);
  scene.now += 1;
  t.deepEqual(due(scene, 'keepBack', 'away'), ['RequestSetAside', 'LeaseGranted']);
  t.deepEqual(scene.held('next'), ['b']);
  t.deepEqual(scene.queue, ['away', 'last']);
  t.deepEqual(due(scene, 'keepBack', 'away'), [], 'once');

  scene.acquire('away', [any], { graceMs: 3_600_000 });
  scene.release('next');
  t.deepEqual(scene.held('away'), ['b'], 'back in its place, it goes first');
});

test('a caller who comes back and leaves again has the whole time again', (t) => {
  const scene = lab();
  scene.acquire('away', [any], { graceMs: 3_600_000 });
  scene.run((draft) => planDetach(draft, 'away', 's1'));
  scene.now += 15_000;
  scene.acquire('away', [any], { graceMs: 3_600_000 });
  scene.run((draft) => planDetach(draft, 'away', 's1'));
  scene.now += 15_000;
  t.deepEqual(due(scene, 'keepBack', 'away'), []);
  scene.now += 5_000;
  t.deepEqual(due(scene, 'keepBack', 'away'), ['RequestSetAside']);
});

test('nothing is kept back at all when the lab says so', (t) => {
  const scene = new Scene({ keepBackMs: 0 }, bench('b'));
  scene.acquire('holder', [any]);
  scene.acquire('away', [any], { graceMs: 60_000 });
  scene.acquire('next', [any]);
  scene.run((draft) => planDetach(draft, 'away', 's1'));
  scene.release('holder');
  t.deepEqual(scene.held('next'), ['b']);
});

test('a log of before kept what is free as long as the place', (t) => {
  const scene = lab();
  scene.acquire('away', [any]);
  scene.run((draft) => {
    draft.emit({ type: 'RequestDetached', requestId: 'away', untilMs: scene.now + 60_000 });
  });
  t.like(scene.waiting('away'), { keptUntilMs: scene.now + 60_000, aside: false });
});
