import { BerthError, LeaseLostError } from '@berth/client';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import { WatchedLab } from '../../driver/watched-lab.js';
import type { LabUnderTest } from './lab-under-test.js';

/** Benches are held, waited for, handed on, revoked and watched. */
export async function leases(t: ExecutionContext, lab: LabUnderTest): Promise<void> {
  const [ann, bob, op] = [lab.connect('ann'), lab.connect('bob'), lab.connect('op')];
  const watched = new WatchedLab(lab.connect('guest'));
  const held = await ann.acquire({ bench: 'b1', description: 'a scenario' });
  t.is(held.lease.owner, 'ann');
  let place = '';
  const waiting = bob.acquire({
    bench: 'b1',
    onQueued: ({ position, candidates }) => (place = `${String(position)} ${candidates[0]?.holder ?? ''}`),
  });
  await until(() => place === '1 ann', { what: 'bob to see his place and the holder', timeoutMs: 30_000 });
  await until(() => watched.leases.has(held.id) && watched.waiting.size === 1, {
    what: 'the watch to tell of both',
    timeoutMs: 30_000,
  });
  await held.release();
  const handed = await waiting;
  t.true(handed.fencingToken > held.fencingToken);
  const refused = await t.throwsAsync(ann.lease.revoke({ leaseId: handed.id, reason: 'mine' }), {
    instanceOf: BerthError,
  });
  t.is(refused.reason, 'PERMISSION_DENIED');
  await op.lease.revoke({ leaseId: handed.id, reason: 'maintenance' });
  await until(() => handed.signal.aborted, { what: 'bob to hear of it', timeoutMs: 30_000 });
  const lost = handed.signal.reason as LeaseLostError;
  t.true(lost instanceof LeaseLostError);
  t.regex(lost.message, /op.*maintenance/);
  await lasting(t, lab);
  await until(() => watched.leases.size === 0 && watched.waiting.size === 0, {
    what: 'an empty lab',
    timeoutMs: 30_000,
  });
  t.is(watched.failure, undefined);
  watched.stop();
}

/** A lease with a TTL outlives its connection, and its token is checked. */
async function lasting(t: ExecutionContext, lab: LabUnderTest): Promise<void> {
  const first = lab.connect('ann');
  const held = await first.acquire({ bench: 'b2', hold: 'ttl', ttl: '60s' });
  const { id, fencingToken } = held;
  first.close();
  const ann = lab.connect('ann');
  t.true((await ann.lease.checkToken({ bench: 'b2', fencingToken })).current);
  const none = await t.throwsAsync(lab.connect('bob').acquire({ bench: 'b2', wait: 0 }), { instanceOf: BerthError });
  t.is(none.reason, 'BENCH_BUSY');
  t.is(none.details.resource?.owner, 'ann');
  const repeated = { leaseId: id, fencingToken };
  t.true((await ann.lease.release(repeated)).released);
  t.false((await ann.lease.release(repeated)).released);
  t.false((await ann.lease.checkToken({ bench: 'b2', fencingToken })).current);
}
