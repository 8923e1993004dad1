import type { KeepAliveResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { HoldMode, WarningKind } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire } from './acquire-events.fixture.js';
import { serveLab } from '../lab-server.fixture.js';

function isWarning(message: KeepAliveResponse): message is KeepAliveResponse {
  return message.warning !== undefined;
}

test('who asks for warnings is told on the stream of renewals that a TTL runs out, and that a bench was changed', async (t) => {
  const server = await serveLab(t);
  const ttl = (bench: string, seconds: number) =>
    acquire(server, { requirements: [{ bench }], hold: HoldMode.TTL, ttl: { seconds, nanos: 0 } }, 'ann/user');
  const [{ lease: warned }, { lease: other }] = [await ttl('twin1', 2), await ttl('twin2', 1)];
  const stream = server.lease.converse('keepAlive', 'ann/user');
  stream.send({ leaseId: other.id });
  stream.send({ leaseId: warned.id, warnings: true });
  await server.inventory.call('updateBench', { bench: { name: 'twin1', location: 'moved' }, updateMask: ['location'] });
  const changed = await stream.nextThat(isWarning);
  t.like(changed, { leaseId: warned.id, errorReason: '', warning: { kind: WarningKind.BENCH_CHANGED } });
  const expiry = await stream.nextThat(isWarning);
  t.like(expiry, { leaseId: warned.id, warning: { kind: WarningKind.EXPIRY } });
  t.is(expiry.warning?.remaining?.seconds, 0);
  const unasked = stream.messages.filter(({ leaseId, warning }) => leaseId === other.id && warning !== undefined);
  t.deepEqual(unasked, [], 'the other lease ran out before, and nobody asked');
  stream.hangUp();
});
