import test from 'ava';
import { connect } from '@berth/client';
import { requireServer, until } from '@berth/testkit';
import { inventoryOf } from '../driver/benches.js';
import { berthdOn, ENGINES } from '../driver/engines.js';

const SESSION_TTL_MS = 3000;
/** Long enough for every phase between the server's beats to its store and its heartbeats to the holder. */
const HEARTBEATS = 20;

requireServer(test, 'redis-server');
for (const engine of ENGINES) {
  test(`${engine}: a holder of a server that is well never has to think that its lease may be over`, async (t) => {
    const berthd = await berthdOn(t, engine, {
      inventory: inventoryOf(1),
      settings: { lease: { sessionTtlMs: SESSION_TTL_MS } },
    });
    await using berth = connect({ address: berthd.address });
    const handle = await berth.acquire({ bench: 'b1' });
    const other = connect({ address: berthd.address });
    t.teardown(() => other.close());
    const endMs = performance.now() + (HEARTBEATS * SESSION_TTL_MS) / 3;
    await until(() => handle.signal.aborted || performance.now() > endMs, {
      what: 'the heartbeats',
      timeoutMs: 60_000,
    });
    t.is(handle.signal.reason, undefined);
    t.false(handle.signal.aborted);
    const { leases } = await other.lease.listLeases({});
    t.deepEqual(
      leases.map(({ id }) => id),
      [handle.id],
    );
    await handle.release();
  });
}
