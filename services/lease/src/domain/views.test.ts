import test from 'ava';
import { planDeleteBench, planPutOffer } from './commands/inventory.js';
import { planTransfer } from './commands/leases.js';
import { planPutReservation } from './commands/reservations.js';
import { planDetach, planDue } from './commands/streams.js';
import { OPERATOR, Scene } from '../../simulation/scene.js';
import { attributes, bench, named, offer, requirement } from '../../simulation/specs.js';
import { sameView } from './views.js';
import type { QueuedView } from './views.js';

const any = requirement();
const OFFER = offer('farm', ['x']);

function view(scene: Scene, id: string): QueuedView {
  return scene.views.queued(scene.waiting(id), scene.now);
}

test('a position counts only those before who compete for the same benches', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('h1', [named('b1')]);
  scene.acquire('h2', [named('b2')]);
  for (const [id, wanted] of [
    ['r1', named('b1')],
    ['r2', named('b2')],
    ['r3', named('b1')],
    ['either', any],
  ] as const) {
    scene.acquire(id, [wanted]);
  }
  const positions = ['r1', 'r2', 'r3', 'either'].map((id) => view(scene, id).position);
  t.deepEqual(positions, [1, 1, 2, 4]);
  t.is(view(scene, 'r1').waiting, 4);
  scene.release('h1');
  t.deepEqual(
    ['r2', 'r3', 'either'].map((id) => view(scene, id).position),
    [1, 1, 3],
  );
  t.is(scene.views.waitingFor(scene.state.benches.get('b1')!), 2);
});

test('why a request waits: held', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('holder', [any]);
  scene.acquire('waits', [any]);
  t.like(view(scene, 'waits'), { reason: 'HELD', claimed: [] });
});

test('why a request waits: it has some, and lacks others; and who wants what it keeps is told so', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('holder', [named('b2')]);
  scene.acquire('pair', [named('b1'), named('b2')]);
  scene.acquire('single', [named('b1')]);
  const pair = view(scene, 'pair');
  t.is(pair.reason, 'PARTIAL');
  t.deepEqual(
    pair.claimed.map((one) => one.spec.name),
    ['b1'],
  );
  const single = view(scene, 'single');
  t.is(single.reason, 'CLAIMED');
  t.is(single.shared.candidates[0]?.claimedBy?.spec.requestId, 'pair');
});

test('why a request waits: nothing is lent', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('holder', [any]);
  scene.acquire('waits', [any]);
  scene.setCondition('b', 'MAINTENANCE');
  t.is(view(scene, 'waits').reason, 'UNAVAILABLE');
  scene.release('holder');
  t.is(view(scene, 'waits').reason, 'UNAVAILABLE');
});

test('why a request waits: a pool makes one, or cannot', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.run((draft) => planPutOffer(draft, OFFER));
  scene.acquire('waits', [requirement({ attributes: ['x'] })]);
  t.is(view(scene, 'waits').reason, 'PROVISIONING');
  scene.run((draft) => planPutOffer(draft, { ...OFFER, available: 0, blockedReason: 'quota' }));
  const blocked = view(scene, 'waits');
  t.is(blocked.reason, 'OFFER_BLOCKED');
  t.deepEqual(
    blocked.shared.offers.map((offer) => offer.blockedReason),
    ['quota'],
  );
});

test('why a request waits: a pool makes one, but not for a request like this', (t) => {
  const scene = new Scene({}, bench('b'));
  const onDemand = { ...OFFER, attributes: attributes('x', 'gpu'), onDemand: ['gpu'] };
  scene.run((draft) => planPutOffer(draft, onDemand));
  scene.acquire('asks', [requirement({ attributes: ['gpu', 'x'] })]);
  scene.acquire('does not', [requirement({ attributes: ['x'] })]);
  t.is(view(scene, 'asks').reason, 'PROVISIONING');
  const waits = view(scene, 'does not');
  t.is(waits.reason, 'OFFER_BLOCKED');
  const why = `pool '${OFFER.pool}' makes one only for a request that asks for gpu`;
  t.like(waits.shared.offers[0], { blockedReason: why, available: 0 });
  scene.acquire('asks too', [requirement({ attributes: ['gpu', 'x'] })]);
  t.is(view(scene, 'does not').shared, waits.shared, 'it is told nothing new');
});

test('why a request waits: what is free is kept back for a caller who is away, and then its own caller is away', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('holder', [any]);
  scene.acquire('away', [any], { graceMs: 60_000 });
  scene.acquire('next', [any], { graceMs: 60_000 });
  scene.run((draft) => planDetach(draft, 'away', 's1'));
  t.is(view(scene, 'away').reason, 'HELD');
  scene.release('holder');
  t.like(view(scene, 'away'), { reason: 'AWAY', position: 1 });
  t.is(view(scene, 'next').reason, 'KEPT_BACK');
  t.is(view(scene, 'next').shared.candidates[0]?.claimedBy?.spec.requestId, 'away');
  scene.run((draft) => planDetach(draft, 'next', 's1'));
  scene.now += 20_000;
  scene.run((draft) => planDue(draft, { kind: 'keepBack', id: 'away' }));
  t.like(view(scene, 'away'), { reason: 'AWAY', claimed: [], position: 1 });
  t.is(view(scene, 'next').position, 2);
  t.is(scene.views.waitingFor(scene.state.benches.get('b')!), 2);
});

test('requests of one demand share what is told of the candidates', (t) => {
  const scene = new Scene({}, bench('b2'), bench('b1'), bench('b3'));
  for (const name of ['b1', 'b2', 'b3']) scene.acquire(`h${name}`, [named(name)]);
  scene.run((draft) => planDeleteBench(draft, 'b3', '', { force: false }, OPERATOR));
  scene.acquire('r1', [any]);
  scene.acquire('r2', [any]);
  t.is(view(scene, 'r1').shared, view(scene, 'r2').shared);
  t.deepEqual(
    view(scene, 'r1').shared.candidates.map((one) => one.bench.spec.name),
    ['b1', 'b2'],
  );
  t.is(view(scene, 'r1').shared.candidateTotal, 2);
});

test('at most 100 candidates are named', (t) => {
  const scene = new Scene({}, ...Array.from({ length: 120 }, (_, i) => bench(`b${String(i)}`)));
  for (let i = 0; i < 120; i++) scene.acquire(`h${String(i)}`, [any]);
  scene.acquire('waits', [any]);
  const { candidates, candidateTotal } = view(scene, 'waits').shared;
  t.deepEqual([candidates.length, candidateTotal], [100, 120]);
});

test('a wait for what a pool makes is estimated from the time that it needs, so many at a time', (t) => {
  const scene = new Scene({}, bench('b'));
  const none = { ...OFFER, available: 0 };
  scene.run((draft) => planPutOffer(draft, { ...none, starting: 1 }));
  for (const id of ['r1', 'r2', 'r3']) scene.acquire(id, [requirement({ attributes: ['x'] })]);
  t.like(view(scene, 'r1'), { reason: 'PROVISIONING', estimatedWaitMs: undefined });
  scene.run((draft) => planPutOffer(draft, { ...none, starting: 1, makeTimeMs: 60_000 }));
  const waits = (): unknown[] => ['r1', 'r2', 'r3'].map((id) => view(scene, id).estimatedWaitMs);
  t.deepEqual(waits(), [60_000, 120_000, 180_000]);
  scene.run((draft) => planPutOffer(draft, { ...none, starting: 1, makeTimeMs: 60_000, concurrency: 2 }));
  t.deepEqual(waits(), [60_000, 60_000, 120_000]);
  scene.run((draft) => planPutOffer(draft, { ...none, makeTimeMs: 60_000 }));
  t.like(view(scene, 'r1'), { reason: 'OFFER_BLOCKED', estimatedWaitMs: undefined }, 'nothing is made');
});

test('a wait is estimated from past holds, and not without any', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('first', [any]);
  scene.acquire('second', [any]);
  t.is(view(scene, 'second').estimatedWaitMs, undefined);
  scene.now = scene.leaseOf('first').grantedMs + 10_000;
  scene.release('first');
  scene.acquire('third', [any]);
  scene.acquire('fourth', [any]);
  scene.now = scene.leaseOf('second').grantedMs + 4_000;
  t.is(view(scene, 'third').estimatedWaitMs, 6_000);
  t.is(view(scene, 'fourth').estimatedWaitMs, 16_000);
  scene.now += 60_000;
  t.is(view(scene, 'third').estimatedWaitMs, 1_000, 'a hold that is overdue may end soon');
});

test('what a request is told is the same until something changes for it', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('h1', [named('b1')]);
  scene.acquire('h2', [named('b2')]);
  scene.acquire('waits', [named('b1')], { priority: 60 });
  let last = view(scene, 'waits');
  const isNews = (what: () => unknown): boolean => {
    what();
    const next = view(scene, 'waits');
    const news = !sameView(last, next);
    last = next;
    return news;
  };
  t.false(isNews(() => scene.acquire('other', [named('b2')])));
  t.false(isNews(() => scene.acquire('alike', [requirement({ bench: 'b2', location: '' })])));
  t.false(isNews(() => scene.setCondition('b2', 'OFFLINE')));
  t.false(isNews(() => scene.release('h2')));
  t.true(
    isNews(() => scene.acquire('behind', [named('b1')])),
    'one more waits for the bench',
  );
  t.true(isNews(() => scene.setCondition('b1', 'MAINTENANCE')));
  t.true(isNews(() => scene.setCondition('b1', 'READY')));
  t.true(isNews(() => scene.acquire('before', [named('b1')], { priority: 70 })));
  const given = { leaseId: scene.leaseOf('h1').id, newOwner: 'bob', hold: 'MANUAL' as const, message: '' };
  t.true(
    isNews(() => scene.run((draft) => planTransfer(draft, OPERATOR, given))),
    'another holder',
  );
});

test('why a request waits: booked, now or too soon for it, until the reservation is over', (t) => {
  const scene = new Scene({ bookingNoticeMs: 0, openEndedMs: 5_000 }, bench('b'));
  const put = {
    id: 'k',
    version: 1,
    benches: ['b'],
    owners: ['ann'],
    startMs: scene.now + 8_000,
    endMs: scene.now + 20_000,
  };
  scene.acquire('holder', [any], { maxDurationMs: 7_000 });
  scene.run((draft) => planPutReservation(draft, put, false, OPERATOR));
  scene.acquire('mine', [], { booking: 'k' });
  scene.acquire('short', [any], { maxDurationMs: 1_000 });
  scene.acquire('long', [any]);
  t.like(view(scene, 'mine'), { reason: 'BOOKED', estimatedWaitMs: 8_000 - 4 });
  t.like(view(scene, 'short'), { reason: 'HELD' });
  const long = view(scene, 'long');
  t.like(long, { reason: 'HELD', untilMs: put.startMs - 5_000 + 1 });
  t.like(long.shared.candidates[0]?.booked, put);
  scene.now = long.untilMs;
  t.like(view(scene, 'long'), { reason: 'BOOKED', estimatedWaitMs: put.endMs - scene.now });
  t.like(view(scene, 'short'), { reason: 'HELD', untilMs: put.startMs - 1_000 + 1 });
  scene.now = put.startMs;
  scene.run((draft) => planDue(draft, { kind: 'reservation', id: 'k' }));
  t.deepEqual(scene.held('mine'), ['b']);
  t.is(view(scene, 'short').reason, 'BOOKED');
});

test('claims are others when a reservation comes too near for who had them', (t) => {
  const scene = new Scene({ bookingNoticeMs: 0 }, bench('b1'), bench('b2'));
  const put = {
    id: 'k',
    version: 1,
    benches: ['b2'],
    owners: [],
    startMs: scene.now + 8_000,
    endMs: scene.now + 20_000,
  };
  scene.run((draft) => planPutReservation(draft, put, false, OPERATOR));
  scene.acquire('holder', [named('b2')], { maxDurationMs: 7_000 });
  scene.acquire('pair', [named('b1'), named('b2')], { maxDurationMs: 5_000 });
  scene.acquire('single', [named('b1')]);
  t.is(view(scene, 'single').reason, 'CLAIMED');
  scene.now = view(scene, 'single').untilMs;
  t.is(scene.now, put.startMs - 5_000 + 1);
  t.like(view(scene, 'pair'), { reason: 'HELD', claimed: [] });
});
