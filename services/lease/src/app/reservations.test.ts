import { fakeClock } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { ReservationSpec } from '../domain/index.js';
import { planPutReservation, planDeleteReservation } from '../domain/index.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const BY = { actor: { name: 'booking', kind: 'caller' as const }, operator: true };
const STEP_MS = 100;

/** A lab on a clock that stands still, with two benches that are alike; a request needs them for a second. */
async function opened(t: ExecutionContext) {
  const clock = fakeClock();
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a'), bench('b2', 'b')], clock });
  t.teardown(close);
  const run = <A>(plan: Parameters<typeof lab.run<A>>[0]['plan']): Promise<A> =>
    lab.run({ requestId: '', fingerprint: '', plan });
  const reserve = (inMs: number, more: Partial<ReservationSpec> = {}): Promise<unknown> => {
    const startMs = clock.now() + inMs;
    const spec = { id: 'k', version: 1, benches: ['b1'], owners: ['ann'], startMs, endMs: startMs + 5_000, ...more };
    return run((draft) => planPutReservation(draft, spec, false, BY));
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      clock.advance(Math.min(left, STEP_MS));
      await run(() => undefined);
    }
  };
  const acquire = async (
    id: string,
    attribute: string,
    more: Parameters<typeof request>[2] = {},
  ): Promise<TestStream> => {
    const stream = new TestStream();
    // What is left at the end of the test is told that the server stops.
    lab.acquire(request(id, attribute, more), stream, stream).catch(() => undefined);
    await run(() => undefined);
    return stream;
  };
  return { lab, run, reserve, pass, acquire };
}

test('at its start and its end a reservation is acted upon, by the heap of due times', async (t) => {
  const { lab, reserve, pass, acquire } = await opened(t);
  const bob = await acquire('bob', 'a');
  await reserve(3_000);
  t.deepEqual(
    bob.warned.map(({ kind, remainingMs }) => [kind, remainingMs]),
    [['EXPIRY', 3_000]],
    'at once',
  );
  t.regex(bob.warned[0]?.message ?? '', /ends in 3 s: bench 'b1' is booked by ann from .+\. Be done by then/);
  const ann = await acquire('ann', 'a', { booking: 'k', requirements: [] });
  const cem = await acquire('cem', 'a');
  t.is(ann.views.at(-1)?.reason, 'BOOKED');
  t.is(cem.views.at(-1)?.reason, 'HELD');
  await pass(2_900);
  t.deepEqual([bob.endedBy, ann.lease], [undefined, undefined]);
  t.is(cem.views.at(-1)?.reason, 'BOOKED', 'told as time goes by');
  await pass(100);
  t.is(bob.endedBy, 'BOOKED');
  t.deepEqual(
    ann.lease?.benches.map(({ spec }) => spec.name),
    ['b1'],
  );
  t.is(ann.remainingMs, 5_000);
  await pass(5_000);
  t.is(ann.endedBy, 'BOOKING_OVER');
  t.is(cem.lease?.owner, 'cem');
  t.is(lab.state.reservations.size, 0);
});

test('a booking of a free bench begins and ends by itself', async (t) => {
  const { lab, reserve, pass, acquire } = await opened(t);
  await reserve(3_000);
  const ann = await acquire('ann', 'a', { booking: 'k' });
  await pass(2_900);
  t.is(ann.lease, undefined);
  await pass(100);
  t.is(ann.lease?.owner, 'ann');
  ann.hangUp();
  await pass(5_000);
  t.is(lab.state.reservations.size, 0);
});

test('claims lapse when a reservation comes too near, and the next one has what is free', async (t) => {
  const { reserve, pass, acquire } = await opened(t);
  await acquire('holder', 'b');
  await reserve(3_000, { benches: ['b2'] });
  const both = ['a', 'b'].map((one) => ({
    bench: '',
    location: '',
    attributes: [one],
    entities: [],
    pool: '',
    labels: {},
  }));
  await acquire('pair', 'a', { requirements: both });
  const single = await acquire('single', 'a');
  t.is(single.views.at(-1)?.reason, 'CLAIMED');
  await pass(2_000);
  t.is(single.lease, undefined);
  await pass(300);
  t.is(single.lease?.owner, 'single');
});

test('what a reservation set is taken back when it goes', async (t) => {
  const { lab, run, reserve, pass, acquire } = await opened(t);
  const bob = await acquire('bob', 'a');
  const ann = await acquire('ann', 'b', { owner: 'ann' });
  await reserve(3_000);
  await run((draft) => planDeleteReservation(draft, { id: 'k', version: 2, ifUnused: true }, BY));
  await pass(3_500);
  t.deepEqual([bob.endedBy, ann.endedBy], [undefined, undefined]);
  t.is(lab.state.leaseOf.get('bob')?.endMs, undefined);
});
