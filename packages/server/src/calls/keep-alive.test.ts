import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { connect, constants } from 'node:http2';
import { startFaultProxy, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { openRawCount } from './echo-client.fixture.js';
import type { EchoServer } from './echo-service.fixture.js';
import { serveEcho, word } from './echo-service.fixture.js';

const SOON = { keepaliveTimeMs: 100, keepaliveTimeoutMs: 1000, shutdownGraceMs: 60_000 };

interface Held extends EchoServer {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
  readonly network: Awaited<ReturnType<typeof startFaultProxy>>;
  /** Ends the call well. */
  readonly end: () => void;
}

/** A stream that stays, on a connection that drains, by a client that says nothing by itself. */
async function holdOnDraining(t: ExecutionContext): Promise<Held> {
  let end: () => void = () => undefined;
  const echo = await serveEcho(
    t,
    {
      count: async (_request, call, out) => {
        await out.write(word('open'));
        await new Promise<void>((resolve) => {
          end = resolve;
          call.onOver(resolve);
        });
      },
    },
    SOON,
  );
  const network = await startFaultProxy(echo.server.address.port);
  t.teardown(() => network.stop());
  const session = connect(`http://${network.address}`);
  t.teardown(() => {
    session.destroy();
  });
  const stream = openRawCount(session);
  await once(stream, 'data');
  echo.server.refuseCalls();
  await once(session, 'goaway');
  return { ...echo, session, stream, network, end: () => end() };
}

test('a stream on a connection that drains lives on, though the connection is asked again and again', async (t) => {
  const { session, stream, end } = await holdOnDraining(t);
  let asked = 0;
  session.on('remoteSettings', () => (asked += 1));
  await until(() => asked >= 5 || stream.destroyed, { what: 'to be asked' });
  t.is(stream.rstCode, constants.NGHTTP2_NO_ERROR);
  t.false(stream.destroyed);
  stream.resume();
  const over = once(stream, 'trailers');
  end();
  const [trailers] = (await over) as [Record<string, string>];
  t.is(trailers['grpc-status'], '0');
});

test('a client that is gone without a word from a connection that drains is found', async (t) => {
  const { server, network } = await holdOnDraining(t);
  network.stall();
  await until(() => server.openCalls === 0, { what: 'the call to end', timeoutMs: 10_000 });
  t.is(server.openCalls, 0);
});
