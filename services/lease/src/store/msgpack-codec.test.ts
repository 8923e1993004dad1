import test from 'ava';
import { bench, openTestLab, request, TestStream } from '../app/lab.fixture.js';
import { LabState } from '../domain/index.js';
import { msgpackCodec } from './msgpack-codec.js';

test('a state reads back as it was written: benches, offers, queue, leases and the revision', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a'), bench('b2', 'b')] });
  const [holder, waiter] = [new TestStream(), new TestStream()];
  await lab.acquire(request('r1', 'a', { hold: 'TTL', ttlMs: 5000, maxDurationMs: 9000 }), holder, holder);
  const waiting = lab.acquire(request('r2', 'a', { waitMs: 60_000, priority: 70 }), waiter, waiter);
  await lab.run({
    requestId: '',
    fingerprint: '',
    plan: (draft) => {
      const entities = { dut: { attributes: [{ name: 'x', weight: 3 }], properties: {} } };
      draft.emit({
        type: 'OfferPut',
        offer: {
          pool: 'p',
          location: '',
          attributes: [],
          entities,
          labels: {},
          available: 2,
          blockedReason: '',
          updatedMs: 1,
        },
      });
      return { data: '', answer: () => undefined };
    },
  });
  const { state } = lab;
  const copy = new LabState(state.rules);
  msgpackCodec.decodeState(msgpackCodec.encodeState(state), copy);
  t.is(copy.revision, state.revision);
  t.deepEqual([...copy.offers.values()], [...state.offers.values()]);
  t.deepEqual(copy.leaseOf.get('r1')?.token, state.leaseOf.get('r1')?.token);
  t.is(copy.leaseOf.get('r1')?.endMs, state.leaseOf.get('r1')?.endMs);
  t.is(copy.leaseOf.get('r1')?.detachedUntilMs, undefined);
  t.is(copy.benches.get('b1')?.lease?.spec.requestId, 'r1');
  const [first] = copy.queue;
  const [original] = state.queue;
  t.deepEqual(first?.spec, original?.spec);
  t.is(first?.score, original?.score);
  t.is(first?.waitUntilMs, original?.waitUntilMs);
  t.deepEqual(msgpackCodec.encodeState(copy), msgpackCodec.encodeState(state));
  waiter.hangUp();
  await waiting;
  await close();
});

test('a snapshot of another version is refused with a text that says so', (t) => {
  const bytes = msgpackCodec.encodeEvent({ version: 99 } as never);
  t.throws(
    () => {
      msgpackCodec.decodeState(
        bytes,
        new LabState({ priorityPointMs: 1, backfill: false, waiterGraceMs: 0, rememberMs: 0 }),
      );
    },
    { message: /has version 99/ },
  );
});
