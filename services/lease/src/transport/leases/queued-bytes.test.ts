import { AcquireResponse } from '@berth/proto/berth/lease/v1/lease_service';
import test from 'ava';
import { bench, openTestLab, request, TestStream } from '../../app/lab.fixture.js';
import { heartbeatBytes } from './heartbeat-bytes.js';
import { queuedOf } from './queue-to-proto.js';
import { queuedBytes } from './queued-bytes.js';

test('the concatenated bytes are the message, for every waiter', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a'), bench('b2', 'a'), bench('b3', 'a')] });
  t.teardown(close);
  const streams = Array.from({ length: 6 }, () => new TestStream());
  const done = streams.map((stream, i) =>
    lab.acquire(request(`r${String(i)}`, 'a', { description: 'ä'.repeat(20 * i) }), stream, stream),
  );
  const both = new TestStream();
  const [need] = request('x', 'a').requirements;
  done.push(lab.acquire(request('both', 'a', { requirements: [need!, need!], hold: 'CONNECTION' }), both, both));
  await lab.run({ requestId: '', fingerprint: '', plan: () => undefined });
  const waiting = [...lab.state.requests.values()];
  t.is(waiting.length, 4);
  for (const one of waiting) {
    const view = lab.views.queued(one, lab.now());
    t.is(view.shared.candidates.length, 3);
    const value = queuedOf(lab, view);
    t.deepEqual(AcquireResponse.decode(queuedBytes(lab, view).bytes), { event: { $case: 'queued', value } });
    t.deepEqual(
      value.candidates.map((candidate) => candidate.holder),
      ['r0', 'r1', 'r2'],
    );
  }
  for (const stream of [...streams, both]) stream.hangUp();
  await Promise.all(done);
});

test('heartbeats of one tick that say the same are one buffer', (t) => {
  const first = heartbeatBytes(5000, 1500);
  t.is(heartbeatBytes(5000, 1500), first);
  t.not(heartbeatBytes(5000, undefined), first);
  t.not(heartbeatBytes(6000, 1500), first);
  const { event } = AcquireResponse.decode(first.bytes);
  t.deepEqual(event, {
    $case: 'heartbeat',
    value: { serverTime: new Date(5000), remaining: { seconds: 1, nanos: 500_000_000 } },
  });
});
