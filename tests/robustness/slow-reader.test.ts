import { once } from 'node:events';
import type { ClientHttp2Stream } from 'node:http2';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from '@berth/client';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { manual, openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

const NO_MESSAGE = Buffer.alloc(5);

/** A watcher that opens a stream and never reads from it. */
async function watchWithoutReading(t: ExecutionContext, address: string): Promise<ClientHttp2Stream> {
  const session = connectHttp2(`http://${address}`, { settings: { initialWindowSize: 16_384 } });
  t.teardown(() => {
    session.destroy();
  });
  await once(session, 'remoteSettings');
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/berth.lease.v1.LeaseService/Watch',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  stream.end(NO_MESSAGE);
  await once(stream, 'response');
  stream.pause();
  return stream;
}

test('a watcher that does not read is cut off, and the others get everything', async (t) => {
  const berthd = await berthdOf(t, { inventory: inventoryOf(1), settings: { server: { slowReaderMs: 1000 } } });
  await using berth = connect({ address: berthd.address });
  const slow = await watchWithoutReading(t, berthd.address);

  const stop = new AbortController();
  const seen = new Set<string>();
  const watching = (async () => {
    for await (const { changes } of berth.lease.watch({}, { signal: stop.signal })) {
      for (const { kind } of changes) if (kind?.$case === 'leasePut') seen.add(kind.value.id);
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });

  const granted: string[] = [];
  const description = 'x'.repeat(1000);
  while (!slow.closed) {
    const { id } = await openAcquire(berth, manual({ requirements: [{ bench: 'b1' }], description })).granted();
    granted.push(id);
    await berth.lease.release({ leaseId: id });
  }
  t.log(`cut after ${String(granted.length)} leases`);
  t.not(slow.rstCode, constants.NGHTTP2_NO_ERROR);
  await until(() => granted.every((id) => seen.has(id)), { what: 'the other watcher to have seen all' });
  t.true(granted.length > 0);
  stop.abort();
  await watching;
});
