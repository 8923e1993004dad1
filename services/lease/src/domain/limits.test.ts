import test from 'ava';
import { planPutOffer } from './commands/inventory.js';
import { planExtend, planTransfer } from './commands/leases.js';
import { planPutReservation } from './commands/reservations.js';
import { planDetach } from './commands/streams.js';
import { lacksOf } from './lacks.js';
import type { Limit, RequestSpec } from './model.js';
import { schedule } from './schedule.js';
import { caller, OPERATOR, Scene } from '../../simulation/scene.js';
import { attributes, bench, named, offer, requirement } from '../../simulation/specs.js';

const any = requirement();
const x = requirement({ attributes: ['x'] });
const two = [bench('b1'), bench('b2')];

function limited(user: Limit, ...benches: Parameters<typeof bench>[0][]): Scene {
  return new Scene({ limits: { roles: { user }, teams: { ci: { held: 2 } } } }, ...benches.map((name) => bench(name)));
}

function of(owner: string, more: Partial<RequestSpec> = {}): Partial<RequestSpec> {
  return { owner, role: 'user', ...more };
}

function why(scene: Scene, id: string): string {
  const { reason, quota } = scene.views.queued(scene.waiting(id), scene.now);
  return quota === undefined
    ? reason
    : `${reason} ${quota.of} ${quota.name} ${String(quota.has)}/${String(quota.limit)}`;
}

test('the second request of an owner who may hold one waits, another owner gets what is free, and it is next', (t) => {
  const scene = limited({ held: 1 }, 'b1', 'b2');
  scene.acquire('a1', [any], of('ann'));
  t.is(scene.acquire('a2', [any], of('ann')).kind, 'waiting');
  t.is(why(scene, 'a2'), 'QUOTA owner ann 1/1');
  t.is(scene.acquire('b1', [any], of('bob')).kind, 'granted');
  scene.release('a1');
  t.deepEqual(scene.held('a2'), ['b1']);
});

test('two requests of an owner that come together get one bench between them', (t) => {
  const scene = limited({ held: 1 }, 'b1', 'b2');
  scene.acquire('both', [any, any], { owner: 'olga' });
  scene.acquire('a1', [any], of('ann'));
  scene.acquire('a2', [any], of('ann'));
  t.is(why(scene, 'a2'), 'HELD');
  scene.release('both');
  t.deepEqual(scene.held('a1'), ['b1']);
  t.is(why(scene, 'a2'), 'QUOTA owner ann 1/1');
});

test('a team holds no more than its limit, whoever of it asks', (t) => {
  const scene = limited({}, 'b1', 'b2', 'b3');
  scene.acquire('a1', [any], of('ann', { team: 'ci' }));
  scene.acquire('b1', [any], of('bob', { team: 'ci' }));
  t.is(scene.acquire('c1', [any], of('cem', { team: 'ci' })).kind, 'waiting');
  t.is(why(scene, 'c1'), 'QUOTA team ci 2/2');
  t.is(scene.acquire('d1', [any], of('dan')).kind, 'granted');
});

test('a request that is held back keeps no bench from others, also while it lacks some or its caller is away', (t) => {
  const scene = limited({ held: 2 }, 'b1', 'b2', 'b3');
  scene.acquire('a1', [named('b1')], of('ann'));
  scene.acquire('h3', [named('b3')], of('bob'));
  scene.acquire('a2', [named('b2'), named('b3')], of('ann'));
  scene.acquire('a3', [named('b1')], of('ann', { graceMs: 60_000 }));
  t.is(schedule(scene.state, scene.now).claims.size, 0);
  t.is(why(scene, 'a2'), 'QUOTA owner ann 1/2');
  t.deepEqual(scene.acquire('c1', [named('b2')], of('cem')).kind, 'granted');
  scene.acquire('a4', [named('b1')], of('ann'));
  scene.run((draft) => {
    planDetach(draft, 'a3', 's1');
  });
  t.deepEqual(schedule(scene.state, scene.now).claims.size, 0);
});

test('what a limit never gives is refused at once, and one request more may not wait', (t) => {
  const scene = limited({ held: 1, waiting: 2 }, 'b1', 'b2');
  const refused = scene.refusal(() => scene.acquire('pair', [any, any], of('ann')));
  t.is(refused.reason, 'QUOTA');
  t.regex(refused.message, /^ann \(role 'user'\) may hold 1 bench at a time, and this request asks for 2\. Ask for /);
  t.is(refused.details.quota?.[0]?.subject, 'owner:ann');
  scene.acquire('a1', [any], of('ann'));
  scene.acquire('a2', [any], of('ann'));
  scene.acquire('a3', [any], of('ann'));
  const tooMany = scene.refusal(() => scene.acquire('a4', [any], of('ann')));
  t.is(tooMany.reason, 'QUOTA');
  t.regex(tooMany.message, /may have 2 requests waiting, and has 2\. Wait until one is granted/);
  t.deepEqual(scene.queue, ['a2', 'a3']);
  t.is(scene.acquire('a3', [any], of('ann')).kind, 'waiting', 'asking again is no new request');
  const busy = scene.refusal(() => scene.acquire('now', [any], of('ann', { waitMs: 0 })));
  t.is(busy.reason, 'QUOTA', 'a bench is free, so it is not busy');
});

test('without max_duration a request gets the longest hold, a longer one is refused, and so is an extension beyond it', (t) => {
  const scene = limited({ maxDurationMs: 60_000 }, 'b1', 'b2');
  scene.acquire('a1', [any], of('ann'));
  const lease = scene.leaseOf('a1');
  t.is(lease.endMs, lease.grantedMs + 60_000);
  const tooLong = scene.refusal(() => scene.acquire('a2', [any], of('ann', { maxDurationMs: 60_001 })));
  t.is(tooLong.reason, 'QUOTA');
  t.deepEqual(
    tooLong.details.fields?.map(({ field }) => field),
    ['max_duration'],
  );
  t.is(scene.acquire('a3', [any], of('ann', { maxDurationMs: 30_000 })).kind, 'granted');
  scene.now += 20_000;
  const extend = (ms: number, by = caller('ann')): void => {
    scene.run((draft) => {
      planExtend(draft, lease.id, by, ms);
    });
  };
  t.is(scene.refusal(() => extend(60_000)).reason, 'QUOTA');
  extend(30_000);
  t.is(scene.leaseOf('a1').endMs, scene.now + 30_000);
  extend(120_000, OPERATOR);
  t.is(scene.leaseOf('a1').endMs, scene.now + 120_000);
});

test('a lease that spends a booking counts, and is never held back', (t) => {
  const scene = limited({ held: 1, waiting: 0, maxDurationMs: 1000 }, 'b1', 'b2', 'b3');
  scene.acquire('a1', [named('b1')], of('ann'));
  const spec = { id: 'k', version: 1, benches: ['b2'], owners: ['ann'], startMs: scene.now, endMs: scene.now + 90_000 };
  scene.run((draft) => planPutReservation(draft, spec, false, OPERATOR));
  t.is(scene.acquire('booked', [], of('ann', { booking: 'k' })).kind, 'granted');
  t.is(scene.leaseOf('booked').endMs, spec.endMs);
  t.is(scene.refusal(() => scene.acquire('a2', [named('b3')], of('ann'))).reason, 'QUOTA');
  scene.release('a1');
  t.is(scene.refusal(() => scene.acquire('a3', [named('b3')], of('ann'))).reason, 'QUOTA', 'the booked bench counts');
});

test('a lease that an operator gives away counts for the new owner, and is never refused', (t) => {
  const scene = limited({ held: 1 }, 'b1', 'b2', 'b3');
  scene.acquire('a1', [any], of('ann', { team: 'ci' }));
  scene.acquire('b1', [any], of('bob'));
  scene.acquire('a2', [named('b3')], of('ann'));
  const { id: leaseId } = scene.leaseOf('a1');
  scene.run((draft) => planTransfer(draft, OPERATOR, { leaseId, newOwner: 'bob', hold: 'MANUAL', message: '' }));
  t.is(scene.state.usage?.owners.get('bob')?.held, 2);
  t.deepEqual(scene.held('a2'), ['b3'], 'its former owner may have another one now');
  t.is(scene.state.usage?.teams.get('ci')?.held, 0, 'its new owner may be of another team');
});

test('no pool makes a bench for a request that is held back, nor more than the limit lets an owner have', (t) => {
  const scene = new Scene(
    { limits: { roles: { user: { held: 2 } }, teams: {} } },
    bench('own', { attributes: attributes('z') }),
  );
  scene.run((draft) => planPutOffer(draft, offer('p', ['x'], { available: 5 })));
  const lacking = (): number[] => lacksOf(scene.state, scene.now).lacks.map(({ count }) => count);
  scene.acquire('a1', [named('own')], of('ann'));
  scene.acquire('a2', [x], of('ann'));
  scene.acquire('a3', [x], of('ann'));
  t.deepEqual(lacking(), [1], 'one more is all that ann may have');
  scene.acquire('b1', [x], of('bob'));
  t.deepEqual(lacking(), [2]);
  scene.run((draft) => planPutOffer(draft, offer('p', ['x'], { available: 0 })));
  t.deepEqual(lacking(), [3], 'while nothing can be made another pool may make it for the second');
});

test('a booking at short notice is not refused for a request that is held back', (t) => {
  const scene = new Scene({ limits: { roles: { user: { held: 1 } }, teams: {} } }, ...two);
  scene.acquire('a1', [named('b1')], of('ann'));
  scene.acquire('a2', [named('b2')], of('ann'));
  const spec = {
    id: 'k',
    version: 1,
    benches: ['b2'],
    owners: ['bob'],
    startMs: scene.now + 10,
    endMs: scene.now + 500,
  };
  t.true(scene.run((draft) => planPutReservation(draft, spec, false, OPERATOR)).done);
});

test('names that every object has limit nobody', (t) => {
  const scene = limited({ held: 1 }, 'b1', 'b2');
  scene.acquire('a1', [any], of('ann', { role: 'constructor', team: 'toString' }));
  t.is(scene.acquire('a2', [any], of('ann', { role: 'constructor', team: '__proto__' })).kind, 'granted');
});

test('a request of a version without limits is limited by none, and what it holds counts', (t) => {
  const scene = limited({ held: 1, maxDurationMs: 1000 }, 'b1', 'b2');
  t.is(scene.acquire('old', [any], { owner: 'ann' }).kind, 'granted');
  t.is(scene.leaseOf('old').endMs, undefined);
  t.is(scene.acquire('new', [any], of('ann')).kind, 'waiting');
});

test('without limits nothing is counted', (t) => {
  t.is(new Scene({}, ...two).state.usage, undefined);
});
