import { WarningKind } from '@berth/proto/berth/lease/v1/lease';
import type { AcquireResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { until } from '@berth/testkit';
import test from 'ava';
import { Status } from 'nice-grpc';
import { described, granted, hungUp, queued, startPeer } from './peer.fixture.js';

function shutdown(): AcquireResponse {
  const message = 'the server shuts down; connect again with the same request_id';
  return { event: { $case: 'warning', value: { kind: WarningKind.SHUTDOWN, remaining: undefined, message } } };
}

test('a holder that is warned of a shutdown holds through another server, although its connection stays', async (t) => {
  const ids: string[] = [];
  let warn: () => void = () => undefined;
  let take: () => void = () => undefined;
  const warned = new Promise<void>((resolve) => (warn = resolve));
  const taken = new Promise<void>((resolve) => (take = resolve));
  const { berth } = await startPeer(t, {
    async *acquire(request, context) {
      ids.push(request.requestId);
      yield granted({ benches: [{ name: 'bench1' }] });
      if (ids.length > 1) {
        take();
        await hungUp(context);
        return;
      }
      await warned;
      yield shutdown();
      await taken;
      throw described(context, Status.ABORTED, 'REQUEST_TAKEN_OVER', 'it went on elsewhere');
    },
    release: () => Promise.resolve({ released: true }),
  });
  const warnings: unknown[] = [];
  const lease = await berth.acquire({ bench: 'bench1', onWarning: (warning) => warnings.push(warning) });
  warn();
  await until(() => ids.length === 2, { what: 'the request on another server' });
  await taken;
  t.is(ids[1], ids[0]);
  await until(() => true, { what: 'the end of the first stream' });
  t.false(lease.signal.aborted);
  t.deepEqual(warnings, [], 'nobody need do anything');
  await lease.release();
});

test('a server that is refused by all others ends the lease when it stops', async (t) => {
  let calls = 0;
  let refuse: () => void = () => undefined;
  const refused = new Promise<void>((resolve) => (refuse = resolve));
  const { berth } = await startPeer(t, {
    async *acquire(_request, context) {
      calls += 1;
      if (calls > 1) {
        refuse();
        throw described(context, Status.UNAVAILABLE, 'SHUTTING_DOWN', 'no other server', 100);
      }
      yield granted({ benches: [{ name: 'bench1' }] });
      yield shutdown();
      await refused;
      throw described(context, Status.UNAVAILABLE, 'SHUTTING_DOWN', 'the server stops', 100);
    },
    release: () => Promise.resolve({ released: false }),
  });
  const lease = await berth.acquire({ bench: 'bench1' });
  await until(() => lease.signal.aborted, { what: 'the holder to be told', timeoutMs: 30_000 });
  t.regex(String(lease.signal.reason), /the server stops|no other server/);
});

test('a grant that is being confirmed moves to another server meanwhile', async (t) => {
  let calls = 0;
  let move: () => void = () => undefined;
  const moved = new Promise<void>((resolve) => (move = resolve));
  const { berth } = await startPeer(t, {
    async *acquire(request, context) {
      calls += 1;
      if (calls === 1) {
        yield queued(request.requestId);
        yield granted({ benches: [{ name: 'bench1' }] });
        yield shutdown();
      } else {
        move();
        yield granted({ benches: [{ name: 'bench1' }] });
      }
      await hungUp(context);
    },
    async checkToken() {
      // Nobody takes it over: it would be lost by then.
      await moved;
      return { current: true, holder: 'tester', remaining: undefined };
    },
    release: () => Promise.resolve({ released: true }),
  });
  const lease = await berth.acquire({ bench: 'bench1' });
  t.is(calls, 2);
  t.false(lease.signal.aborted);
  await lease.release();
});
