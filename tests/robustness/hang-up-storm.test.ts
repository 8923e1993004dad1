import { type AcquireOptions, type Berth, connect, type LeaseHandle } from '@berth/client';
import { type Berthd, closedAfter, startBerthd, startHttp2Proxy, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';

const HANG_UPS = 5000;
const AT_ONCE = 100;

let berthd: Berthd;
test.before(async () => {
  const free = Array.from({ length: AT_ONCE }, (_, index) => `free${String(index)}: { attributes: [free] }`);
  const inventory = `pool: { name: benches, resources: { held: {}, busy: {}, free: {}, ${free.join(', ')} } }`;
  // This process is busy with thousands of streams, and may answer a ping late where others are busy too.
  berthd = await startBerthd({ inventory, settings: { server: { keepaliveTimeoutMs: 120_000 } } });
});
test.after.always(async () => {
  await berthd.stop();
});

function client(t: ExecutionContext, user: string, address = berthd.address): Berth {
  return closedAfter(t, connect({ address, user }));
}

async function assertHeld(t: ExecutionContext, berth: Berth, lease: LeaseHandle): Promise<void> {
  t.false(lease.signal.aborted, String(lease.signal.reason));
  t.true((await berth.lease.checkToken({ bench: 'held', fencingToken: lease.fencingToken })).current);
}

/** Waits for the bench and gives up as soon as it has a place. */
async function giveUp(t: ExecutionContext, berth: Berth, wanted: AcquireOptions): Promise<void> {
  const stop = new AbortController();
  const enough = new Error('enough');
  const onQueued = (): void => {
    stop.abort(enough);
  };
  t.is(await t.throwsAsync(berth.acquire({ ...wanted, signal: stop.signal, onQueued })), enough);
}

async function takeAndRelease(berth: Berth): Promise<void> {
  await (await berth.acquire({ attributes: ['free'], hold: 'manual' })).release();
}

test.serial('ordinary use never resets a stream', async (t) => {
  const proxy = await startHttp2Proxy(berthd.port);
  t.teardown(() => proxy.stop());
  const berth = client(t, 'bob', proxy.address);
  for (const hold of ['connection', 'ttl', 'manual'] as const) {
    await (await berth.acquire({ bench: 'free', hold })).release();
    const busy = await client(t, 'tony').acquire({ bench: 'busy' });
    await giveUp(t, berth, { bench: 'busy', hold });
    for await (const { $case } of berth.queue({ bench: 'busy', hold })) if ($case === 'queued') break;
    await busy.release();
    const lease = await berth.acquire({ bench: 'busy', hold });
    await berth.lease.revoke({ leaseId: lease.id, reason: 'a test' });
    if (hold === 'connection') await until(() => lease.signal.aborted, { what: 'the revocation' });
    await lease.release();
  }
  for await (const { $case } of berth.queue({ bench: 'free' })) if ($case === 'granted') break;
  await until(() => proxy.streams === 0, { what: 'the streams to end' });
  t.is(proxy.resets, 0);
  // A watch has no other end: it shows that resets are counted.
  for await (const { snapshot } of berth.watch()) if (snapshot) break;
  await until(() => proxy.resets === 1, { what: 'the reset of the watch' });
});

test.serial('thousands of waits that are given up, and of leases that are released, cost no other lease', async (t) => {
  t.timeout(600_000);
  const [bob, tony] = [client(t, 'bob'), client(t, 'tony')];
  const lease = await bob.acquire({ bench: 'held' });
  const busy = await tony.acquire({ bench: 'busy' });
  for (let done = 0; done < HANG_UPS; done += 2 * AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => giveUp(t, bob, { bench: 'busy' })));
    await Promise.all(Array.from({ length: AT_ONCE }, () => takeAndRelease(bob)));
  }
  await assertHeld(t, tony, lease);
  await busy.release();
  await lease.release();
});
