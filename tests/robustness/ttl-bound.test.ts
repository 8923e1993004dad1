import type { Berth } from '@berth/client';
import { BerthError, connect } from '@berth/client';
import { requireServer, seededRandom } from '@berth/testkit';
import type { SeededRandom } from '@berth/testkit';
import test from 'ava';
import { manual, openAcquire, ttl } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { berthdOn, ENGINES } from '../driver/engines.js';

const TTL_SECONDS = 1;
const HOLDERS = 6;

/** Keeps the server busy until the signal aborts. */
async function load(berth: Berth, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { id } = await openAcquire(berth, manual({ requirements: [{ attributes: ['any'] }] })).granted();
    await berth.lease.release({ leaseId: id });
  }
}

/** Renews a few times at once, then looks until the lease is gone; how long it lived after the last renewal that was answered. */
async function lifeAfterRenewal(berth: Berth, bench: string, random: SeededRandom): Promise<number> {
  let sentMs = performance.now();
  const { id } = await openAcquire(berth, ttl(TTL_SECONDS, { requirements: [{ bench }] })).granted();
  try {
    for (let i = random.int(20); i > 0; i--) {
      const askedMs = performance.now();
      await berth.lease.renew({ leaseId: id });
      sentMs = askedMs;
    }
    for (;;) await berth.lease.getLease({ leaseId: id }, { retry: false });
  } catch (error) {
    if (!(error instanceof BerthError) || error.reason !== 'NO_SUCH_LEASE') throw error;
    return performance.now() - sentMs;
  }
}

requireServer(test, 'redis-server');
for (const engine of ENGINES) {
  test(`${engine}: a TTL is a lower bound, also under load`, async (t) => {
    const random = seededRandom();
    t.log(`BERTH_SEED=${String(random.seed)}`);
    const berthd = await berthdOn(t, engine, { inventory: inventoryOf(HOLDERS + 2) });
    await using berth = connect({ address: berthd.address });
    const stop = new AbortController();
    const loading = [load(berth, stop.signal), load(berth, stop.signal)];
    const lives = await Promise.all(
      Array.from({ length: HOLDERS }, (_, i) => lifeAfterRenewal(berth, `b${String(i + 1)}`, random)),
    );
    stop.abort();
    await Promise.all(loading);
    t.log(`lived ${lives.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    for (const livedMs of lives) t.true(livedMs >= TTL_SECONDS * 1000);
  });
}
