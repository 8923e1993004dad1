import { fakeClock } from '@berth/testkit';
import test from 'ava';
import { once } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { connect, constants } from 'node:http2';
import { openRawCount } from './echo-client.fixture.js';
import { serveEcho, word } from './echo-service.fixture.js';
import { resetLimitFor } from './reset-limit.js';

const AT_ONCE = 100;
const RESOURCE_EXHAUSTED = '8';

/** Hangs a stream up when its first message came; gives the status of one that was answered otherwise. */
async function hangUp(stream: ClientHttp2Stream): Promise<string | undefined> {
  let status: string | undefined;
  stream.on('response', (headers) => (status = headers['grpc-status'] as string | undefined));
  stream.on('trailers', (headers: IncomingHttpHeaders) => (status = headers['grpc-status'] as string | undefined));
  stream.once('data', () => {
    stream.close(constants.NGHTTP2_CANCEL);
  });
  await once(stream, 'close');
  return status;
}

test('streams are refused before Node cuts a connection for its resets, and what is open on it goes on', async (t) => {
  const { server } = await serveEcho(
    t,
    {
      async count(_request, call, out) {
        await out.write(word('here'));
        await new Promise<void>((resolve) => {
          call.onOver(resolve);
        });
      },
    },
    // It stands still, so that nothing is forgiven.
    { clock: fakeClock() },
  );
  const { limit } = resetLimitFor(process.versions.node);
  const session = connect(`http://127.0.0.1:${String(server.address.port)}`);
  session.on('error', () => undefined);
  t.teardown(() => {
    session.destroy();
  });
  const kept = openRawCount(session);
  await once(kept, 'data');
  let hungUp = 0;
  const refused: string[] = [];
  while (refused.length === 0 && !session.destroyed) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => hangUp(openRawCount(session))));
    refused.push(...answers.filter((status) => status !== undefined));
    hungUp += answers.filter((status) => status === undefined).length;
  }
  t.deepEqual([...new Set(refused)], [RESOURCE_EXHAUSTED]);
  t.true(hungUp >= limit.burst, String(hungUp));
  t.false(session.destroyed);
  t.false(kept.closed);
});
