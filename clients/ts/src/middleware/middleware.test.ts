import { closedAfter } from '@berth/testkit';
import test from 'ava';
import { ServerError, Status } from 'nice-grpc';
import { BerthError } from '../berth-error.js';
import { described, hungUp, startPeer } from '../peer.fixture.js';
import { backoffMs } from './retry.js';

const DAY_MS = 86_400_000;

test('UNAVAILABLE is repeated with the same request id, other errors are not', async (t) => {
  const ids: string[] = [];
  const { berth } = await startPeer(t, {
    revoke(request, context) {
      ids.push(request.requestId);
      if (request.reason === 'busy') throw described(context, Status.RESOURCE_EXHAUSTED, 'TOO_MANY_STREAMS', 'later');
      if (ids.length < 3) throw new ServerError(Status.UNAVAILABLE, 'restarting');
      return Promise.resolve({ revoked: true });
    },
  });
  t.deepEqual(await berth.lease.revoke({ leaseId: 'ls-1', reason: 'x' }), { revoked: true });
  t.is(ids.length, 3);
  t.is(new Set(ids).size, 1);
  t.true((ids[0] ?? '').length > 20);
  const error = await t.throwsAsync(berth.lease.revoke({ leaseId: 'ls-1', reason: 'busy' }), {
    instanceOf: BerthError,
  });
  t.is(error.reason, 'TOO_MANY_STREAMS');
  t.is(ids.length, 4);
  t.not(ids[3], ids[0]);
});

test('retries are bounded, and one attempt is made when retry is false', async (t) => {
  let calls = 0;
  const { berth } = await startPeer(t, {
    getLease() {
      calls++;
      throw new ServerError(Status.UNAVAILABLE, 'restarting');
    },
  });
  await t.throwsAsync(berth.lease.getLease({ leaseId: 'ls-1' }), { instanceOf: BerthError });
  t.is(calls, 5);
  await t.throwsAsync(berth.lease.getLease({ leaseId: 'ls-1' }, { retry: false }), { instanceOf: BerthError });
  t.is(calls, 6);
});

test('the wait before a retry grows, is jittered, and is never shorter than the server asks for', (t) => {
  const least = [1, 2, 3, 9].map((attempt) => backoffMs(attempt, undefined, () => 0));
  const most = [1, 2, 3, 9].map((attempt) => backoffMs(attempt, undefined, () => 1));
  t.deepEqual(least, [50, 100, 200, 1000]);
  t.deepEqual(most, [100, 200, 400, 2000]);
  const asked = new BerthError('STORE_UNAVAILABLE', Status.UNAVAILABLE, 'x', { retryAfterMs: 1500 });
  t.is(backoffMs(1, asked), 1500);
});

test('RetryInfo arrives in the details', async (t) => {
  const { berth } = await startPeer(t, {
    getLease(_request, context) {
      throw described(context, Status.UNAVAILABLE, 'STORE_UNAVAILABLE', 'no store', 1500);
    },
  });
  const call = berth.lease.getLease({ leaseId: 'x' }, { retry: false });
  const error = await t.throwsAsync(call, { instanceOf: BerthError });
  t.is(error.details.retryAfterMs, 1500);
  t.true(error.described);
});

test('the caller and the lab go with every call that does not name others', async (t) => {
  const seen: unknown[] = [];
  const { address } = await startPeer(t, {
    getLease(request, { metadata }) {
      seen.push([request.lab, metadata.get('berth-user'), metadata.get('berth-role'), metadata.get('authorization')]);
      return Promise.resolve({ lease: undefined });
    },
  });
  const { connect } = await import('../connect.js');
  const berth = closedAfter(t, connect({ address, user: 'ann', role: 'viewer', token: 'abc', lab: 'east' }));
  await berth.lease.getLease({ leaseId: 'x' });
  await berth.lease.getLease({ leaseId: 'x', lab: 'west' });
  t.deepEqual(seen, [
    ['east', 'ann', 'viewer', 'Bearer abc'],
    ['west', 'ann', 'viewer', 'Bearer abc'],
  ]);
  t.throws(() => connect({ role: 'Jörg' }), { instanceOf: TypeError, message: /printable ASCII/ });
});

test('a timeout of 30 days does not fire at once, a short one ends the call with DEADLINE_EXCEEDED', async (t) => {
  const { berth } = await startPeer(t, {
    async getLease(request, context) {
      if (request.leaseId === 'never') await hungUp(context);
      return { lease: undefined };
    },
  });
  t.deepEqual(await berth.lease.getLease({ leaseId: 'x' }, { timeoutMs: 30 * DAY_MS }), { lease: undefined });
  const late = berth.lease.getLease({ leaseId: 'never' }, { timeoutMs: 50 });
  const error = await t.throwsAsync(late, { instanceOf: BerthError });
  t.is(error.code, Status.DEADLINE_EXCEEDED);
});
