import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { startFaultProxy, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

const HOLDER = join(import.meta.dirname, '../driver/holder-process.ts');

function connected(t: ExecutionContext, address: string): Berth {
  const berth = connect({ address });
  t.teardown(() => berth.close());
  return berth;
}

async function start(t: ExecutionContext, server: object = {}): Promise<{ berthd: Berthd; berth: Berth }> {
  const berthd = await berthdOf(t, { inventory: inventoryOf(2), settings: { server } });
  return { berthd, berth: connected(t, berthd.address) };
}

test('when a holder is killed, the next waiter gets its bench', async (t) => {
  const { berthd, berth } = await start(t);
  const child = spawn(process.execPath, ['--import=tsx', '--conditions=@berth/source', HOLDER, berthd.address, 'b1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const waiter = openAcquire(berth, { requirements: [{ bench: 'b1' }] });
  const place = await waiter.queued();
  t.is(place.position, 1);
  t.is(place.candidates[0]?.holder, 'holder');
  const killedMs = performance.now();
  child.kill('SIGKILL');
  await waiter.granted();
  t.log(`granted ${(performance.now() - killedMs).toFixed(1)} ms after the kill`);
  waiter.hangUp();
});

test('when the network to a holder is cut, keepalive finds it, and both sides learn that the lease is over', async (t) => {
  const { berthd, berth } = await start(t, { keepaliveTimeMs: 1000, keepaliveTimeoutMs: 500 });
  const proxy = await startFaultProxy(berthd.port);
  t.teardown(() => proxy.stop());
  const holder = await connected(t, proxy.address).acquire({ bench: 'b1' });
  const waiter = openAcquire(berth, { requirements: [{ bench: 'b1' }] });
  await waiter.queued();

  const cutMs = performance.now();
  proxy.stall();
  const next = await waiter.granted();
  t.log(`granted ${(performance.now() - cutMs).toFixed(0)} ms after the cut`);
  t.true(next.fencingToken > holder.fencingToken);
  await until(() => holder.signal.aborted, { what: 'the holder to notice', timeoutMs: 30_000 });
  const { current } = await berth.lease.checkToken({ bench: 'b1', fencingToken: holder.fencingToken });
  t.false(current);
  waiter.hangUp();
});

test('a waiter behind a cut network leaves the queue, and one with a grace keeps its place and comes back', async (t) => {
  const { berthd, berth } = await start(t, { keepaliveTimeMs: 1000, keepaliveTimeoutMs: 500 });
  const proxy = await startFaultProxy(berthd.port);
  t.teardown(() => proxy.stop());
  const behind = connected(t, proxy.address);
  const holder = openAcquire(berth, { requirements: [{ bench: 'b1' }] });
  await holder.granted();
  const patient = { requestId: 'patient', requirements: [{ bench: 'b1' }], reconnectGrace: { seconds: 60, nanos: 0 } };
  await openAcquire(behind, { requestId: 'hasty', requirements: [{ bench: 'b1' }] }).queued();
  await openAcquire(behind, patient).queued();

  proxy.stall();
  const queue = async (): Promise<string> => {
    const { requests } = await berth.lease.listQueue({});
    return requests.map(({ requestId, detached }) => `${requestId} ${detached ? 'detached' : 'attached'}`).join();
  };
  await until(async () => (await queue()) === 'patient detached', {
    what: 'keepalive to find them',
    timeoutMs: 20_000,
  });
  holder.hangUp();
  const again = openAcquire(berth, patient);
  await again.granted();
  t.is(await queue(), '');
  again.hangUp();
});
