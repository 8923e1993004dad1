import type { WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { closedAfter, freePort, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { type AddressInfo, createServer } from 'node:net';
import { BerthError } from './berth-error.js';
import { type Berth, connect } from './connect.js';
import { hungUp, type Peer, startPeer } from './peer.fixture.js';

/** A peer that counts its calls, and whose watches last. */
async function countingPeer(t: ExecutionContext) {
  const seen = { calls: 0, watches: 0 };
  const peer = await startPeer(t, {
    getLease() {
      seen.calls += 1;
      return Promise.resolve({ lease: undefined });
    },
    async *watch(_request, context) {
      seen.watches += 1;
      yield { revision: seen.watches, changes: [], snapshot: false, commitTime: undefined, more: false };
      await hungUp(context);
    },
  });
  return { peer, seen };
}

function clientOf(t: ExecutionContext, ...peers: readonly Pick<Peer, 'address'>[]): Berth {
  return closedAfter(t, connect({ address: peers.map(({ address }) => address).join(','), user: 'ann' }));
}

test('calls go to all servers in turn', async (t) => {
  const [a, b, c] = [await countingPeer(t), await countingPeer(t), await countingPeer(t)];
  const berth = clientOf(t, a.peer, b.peer, c.peer);
  const get = () => berth.lease.getLease({ leaseId: 'x' });
  await until(
    async () => {
      await get();
      return [a, b, c].every(({ seen }) => seen.calls > 0);
    },
    { what: 'all to be connected' },
  );
  const before = [a, b, c].map(({ seen }) => seen.calls);
  for (let i = 0; i < 30; i += 1) await get();
  t.deepEqual(
    [a, b, c].map(({ seen }, i) => seen.calls - (before[i] ?? 0)),
    [10, 10, 10],
  );
});

test('one that is killed while a stream runs: the stream comes back on another one, and calls go on', async (t) => {
  const servers = [await countingPeer(t), await countingPeer(t)];
  const berth = clientOf(t, ...servers.map(({ peer }) => peer));
  const stop = new AbortController();
  const messages: WatchResponse[] = [];
  const watching = (async () => {
    for await (const message of berth.watch({ signal: stop.signal })) messages.push(message);
  })();
  await until(() => messages.length === 1, { what: 'the watch' });
  const [first, other] = servers[0]?.seen.watches === 1 ? servers : [...servers].reverse();
  if (first === undefined || other === undefined) throw new Error('there are two');
  first.peer.stop();
  await until(() => other.seen.watches === 1 && messages.length === 2, { what: 'the watch on the other one' });
  const before = other.seen.calls;
  for (let i = 0; i < 5; i += 1) await berth.lease.getLease({ leaseId: 'x' });
  t.is(other.seen.calls - before, 5);
  await first.peer.restart();
  await until(
    async () => {
      await berth.lease.getLease({ leaseId: 'x' });
      return first.seen.calls > 0;
    },
    { what: 'the first to be used again' },
  );
  stop.abort();
  await watching;
});

/** A port that takes connections and says nothing. */
async function silentPort(t: ExecutionContext): Promise<number> {
  const silent = createServer((socket) => {
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  return (silent.address() as AddressInfo).port;
}

function addressOf(port: number): { readonly address: string } {
  return { address: `127.0.0.1:${String(port)}` };
}

test('one that is not there, and one that does not answer, cost nothing', async (t) => {
  const { peer } = await countingPeer(t);
  const others = [addressOf(await freePort()), addressOf(await silentPort(t))];
  // Whichever is drawn to be the first: the attempt at the silent one is given up after 5 s only.
  for (let i = 0; i < 6; i += 1) {
    const berth = clientOf(t, ...others, peer);
    await t.notThrowsAsync(berth.lease.getLease({ leaseId: 'x' }, { timeoutMs: 4000 }), String(i));
  }
});

test('when none is there, it is told at once; when none answers, a call can be given up', async (t) => {
  const away = clientOf(t, addressOf(await freePort()), addressOf(await freePort()));
  const error = await t.throwsAsync(away.lease.getLease({ leaseId: 'x' }, { retry: false }), {
    instanceOf: BerthError,
  });
  t.like(error, { reason: 'UNAVAILABLE', details: { connection: 'OTHER' } });
  t.regex(error.message, /^connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
  const silent = clientOf(t, addressOf(await silentPort(t)), addressOf(await silentPort(t)));
  const [enough, stop] = [new Error('enough'), new AbortController()];
  setImmediate(() => {
    stop.abort(enough);
  });
  t.is(await t.throwsAsync(silent.lease.getLease({ leaseId: 'x' }, { signal: stop.signal })), enough);
});
