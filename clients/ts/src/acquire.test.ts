import { EndReason, HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { ServerError, Status } from 'nice-grpc';
import { BerthError } from './berth-error.js';
import { LeaseLostError } from './lease-lost-error.js';
import { described, ended, granted, hungUp, queued, startPeer } from './peer.fixture.js';

function aborted(signal: AbortSignal): Promise<LeaseLostError> {
  return new Promise((resolve) => {
    const done = (): void => {
      resolve(signal.reason as LeaseLostError);
    };
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

test('waits, tells of the queue, holds, and releases once', async (t) => {
  const released: unknown[] = [];
  let gone: Promise<void> | undefined;
  const { berth } = await startPeer(t, {
    async *acquire(request, context) {
      gone = hungUp(context);
      yield queued(request.requestId, 2);
      yield queued(request.requestId, 1);
      yield granted({ benches: [{ name: 'bench1' }] });
      await gone;
    },
    release(request) {
      released.push([request.leaseId, request.fencingToken]);
      return Promise.resolve({ released: true });
    },
  });
  const positions: number[] = [];
  const lease = await berth.acquire({ bench: 'bench1', onQueued: ({ position }) => positions.push(position) });
  t.deepEqual(positions, [2, 1]);
  t.is(lease.benches[0].name, 'bench1');
  t.is(lease.fencingToken, 7);
  await Promise.all([lease.release(), lease.release()]);
  t.deepEqual(released, [['ls-1', 7]]);
  t.is((lease.signal.reason as LeaseLostError).why, 'RELEASED');
  await gone;
});

test('a waiting request comes back with the same request id after a crash of the server', async (t) => {
  const ids: string[] = [];
  const { berth, crash } = await startPeer(t, {
    async *acquire(request, context) {
      ids.push(request.requestId);
      yield queued(request.requestId);
      if (ids.length > 1) yield granted({});
      await hungUp(context);
    },
  });
  let reconnecting = 0;
  const lease = await berth.acquire({
    bench: 'bench1',
    onQueued: () => {
      if (ids.length === 1) void crash();
    },
    onReconnecting: () => reconnecting++,
  });
  t.is(lease.fencingToken, 7);
  t.is(ids.length, 2);
  t.is(ids[0], ids[1]);
  t.true(reconnecting > 0);
});

test('a place that the server forgot is asked for anew, under another request id', async (t) => {
  const ids: string[] = [];
  const { berth } = await startPeer(t, {
    async *acquire(request, context) {
      ids.push(request.requestId);
      if (ids.length === 2) throw described(context, Status.FAILED_PRECONDITION, 'REQUEST_ENDED', 'it ended');
      yield ids.length === 1 ? queued(request.requestId) : granted({});
      if (ids.length === 1) throw new ServerError(Status.UNAVAILABLE, 'shutting down');
      await hungUp(context);
    },
  });
  await berth.acquire({ bench: 'bench1' });
  t.is(ids.length, 3);
  t.is(ids[0], ids[1]);
  t.not(ids[1], ids[2]);
});

test('a held lease with a grace survives a broken stream, and is lost when another grant comes back', async (t) => {
  let streams = 0;
  const { berth } = await startPeer(t, {
    async *acquire() {
      streams++;
      await Promise.resolve();
      yield granted({ fencingToken: streams < 3 ? 7 : 8 });
      // The break must not overtake the grant that went before it.
      yield { event: { $case: 'heartbeat', value: { serverTime: undefined, remaining: undefined } } };
      throw new ServerError(Status.UNAVAILABLE, 'shutting down');
    },
  });
  const lease = await berth.acquire({ bench: 'bench1', reconnectGrace: '10s' });
  const reason = await aborted(lease.signal);
  t.is(streams, 3);
  t.true(reason instanceof LeaseLostError);
  t.is(reason.why, 'REPLACED');
});

test('a held lease without a grace is lost with its stream', async (t) => {
  const { berth, crash } = await startPeer(t, {
    async *acquire(_request, context) {
      yield granted({});
      await hungUp(context);
    },
  });
  const lease = await berth.acquire({ bench: 'bench1' });
  await crash();
  t.is((await aborted(lease.signal)).why, 'CONNECTION_LOST');
});

test('the signal tells who ended the lease and why', async (t) => {
  const { berth } = await startPeer(t, {
    async *acquire() {
      yield granted({});
      await Promise.resolve();
      yield ended(EndReason.REVOKED, 'bob', 'needed for the demo');
    },
  });
  const lease = await berth.acquire({ bench: 'bench1' });
  const reason = await aborted(lease.signal);
  t.is(reason.why, 'REVOKED');
  t.is(reason.actor, 'bob');
  t.is(reason.message, 'lease ls-1 was revoked by bob: needed for the demo');
});

test('a TTL lease is renewed with its token, and lost when the server does not know it any more', async (t) => {
  const renewals: unknown[] = [];
  const { berth } = await startPeer(t, {
    async *acquire(request) {
      yield await Promise.resolve(granted({ hold: HoldMode.TTL, ttl: request.ttl, remaining: request.ttl }));
    },
    renew(request, context) {
      renewals.push([request.leaseId, request.fencingToken]);
      if (renewals.length > 2) throw described(context, Status.NOT_FOUND, 'NO_SUCH_LEASE', 'it has ended');
      return Promise.resolve({ lease: undefined });
    },
  });
  const lease = await berth.acquire({ bench: 'bench1', hold: 'ttl', ttl: '6s' });
  t.is((await aborted(lease.signal)).why, 'NO_SUCH_LEASE');
  t.deepEqual(renewals[0], ['ls-1', 7]);
  t.is(renewals.length, 3);
});

test('the signal aborts when a TTL lease cannot be renewed before its validity is over', async (t) => {
  const { berth } = await startPeer(t, {
    async *acquire(request) {
      yield await Promise.resolve(granted({ hold: HoldMode.TTL, ttl: request.ttl, remaining: request.ttl }));
    },
    renew() {
      throw new ServerError(Status.UNAVAILABLE, 'the store is away');
    },
  });
  const lease = await berth.acquire({ bench: 'bench1', hold: 'ttl', ttl: '3s' });
  t.is((await aborted(lease.signal)).why, 'VALIDITY_OVER');
});

test('a refusal keeps its reason, and giving up throws the reason of the signal', async (t) => {
  let gone: Promise<void> | undefined;
  const { berth } = await startPeer(t, {
    async *acquire(request, context) {
      if (request.waitTimeout) throw described(context, Status.RESOURCE_EXHAUSTED, 'BENCH_BUSY', 'tony holds it');
      gone = hungUp(context);
      yield queued(request.requestId);
      await gone;
    },
  });
  const busy = await t.throwsAsync(berth.acquire({ bench: 'bench1', wait: 0 }), { instanceOf: BerthError });
  t.is(busy.reason, 'BENCH_BUSY');
  t.is(busy.message, 'tony holds it');
  t.deepEqual(busy.details.metadata, { a: 'b' });
  const controller = new AbortController();
  const stopped = new Error('enough');
  const waiting = berth.acquire({
    bench: 'bench1',
    signal: controller.signal,
    onQueued: () => {
      controller.abort(stopped);
    },
  });
  t.is(await t.throwsAsync(waiting), stopped);
  await gone;
});

test('leaving the loop over a queue hangs up', async (t) => {
  let gone: Promise<void> | undefined;
  const { berth } = await startPeer(t, {
    async *acquire(request, context) {
      gone = hungUp(context);
      yield queued(request.requestId);
      yield granted({});
      await gone;
    },
  });
  const seen: string[] = [];
  for await (const event of berth.queue({ bench: 'bench1' })) {
    seen.push(event.$case);
    if (event.$case === 'granted') break;
  }
  t.deepEqual(seen, ['queued', 'granted']);
  await gone;
});
