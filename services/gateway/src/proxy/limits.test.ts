import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream, ServerHttp2Session } from 'node:http2';
import { connect, constants, createServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { until } from '@berth/testkit';
import { compressionAlgorithms, status } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { callEcho, failure, openCount, readAll } from './echo-calls.fixture.js';
import { addressOf, PATH, startProxy, startRole, stayOpen, word } from './proxy.fixture.js';

const HEADERS = { ':method': 'POST', 'content-type': 'application/grpc+proto', te: 'trailers' };
const MIB = 1 << 20;

/** A role that sends so many bytes as fast as they are taken. */
async function startFirehose(t: ExecutionContext, bytes: number): Promise<{ address: string; sent: () => number }> {
  const chunk = randomBytes(64 << 10);
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers[':path'] !== PATH.count) {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }, { endStream: true });
      return;
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': '0' });
    });
    let left = bytes;
    const send = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!stream.write(chunk)) {
          stream.once('drain', send);
          return;
        }
      }
      stream.end();
    };
    send();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${String(port)}`,
    sent: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
  };
}

function connectRaw(t: ExecutionContext, port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${String(port)}`);
  session.on('error', () => undefined);
  t.teardown(() => {
    session.destroy();
  });
  return session;
}

/** The bytes of a stream when nothing has come for a while. */
async function whenStill(bytes: () => number): Promise<number> {
  let last = -1;
  let sinceMs = 0;
  await until(
    () => {
      const now = performance.now();
      if (bytes() !== last) [last, sinceMs] = [bytes(), now];
      return now - sinceMs > 500;
    },
    { what: 'the stream to stand still', timeoutMs: 30_000 },
  );
  return last;
}

test('a stream that sends faster than its reader reads is held back: at most 1 MiB is buffered', async (t) => {
  const total = 16 * MIB;
  const role = await startFirehose(t, total);
  const { port } = await startProxy(t, [role.address]);
  const session = connectRaw(t, port);
  const stream = session.request({ ...HEADERS, ':path': PATH.count });
  stream.end();
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  t.is(headers[':status'], 200);
  const stalled = await whenStill(role.sent);
  t.log(`${String(Math.round(stalled / 1024))} KiB left the role`);
  t.true(stalled < MIB);
  // Nobody else waits for it.
  const other = session.request({ ...HEADERS, ':path': PATH.count });
  other.end();
  const otherBytes = await drain(other);
  t.is(otherBytes.read, total);
  const { read, trailers } = await drain(stream);
  t.is(read, total);
  t.is(trailers?.['grpc-status'], '0');
});

async function drain(
  stream: ClientHttp2Stream,
): Promise<{ read: number; trailers: Record<string, unknown> | undefined }> {
  let read = 0;
  let trailers: Record<string, unknown> | undefined;
  stream.on('trailers', (found: Record<string, unknown>) => (trailers = found));
  stream.on('data', (chunk: Buffer) => (read += chunk.length));
  await once(stream, 'close');
  return { read, trailers };
}

test('compressed messages pass as they are', async (t) => {
  const role = await startRole(t);
  const { connect: connected } = await startProxy(t, [addressOf(role)]);
  const client = connected({ 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
  const text = 'x'.repeat(100_000);
  t.is((await callEcho(client, word(text))).reason, text);
});

test('a message is as large as the role takes it: the role refuses it, with its size', async (t) => {
  const role = await startRole(t);
  const { connect: connected } = await startProxy(t, [addressOf(role)]);
  const client = connected();
  const error = await failure(callEcho(client, word('x'.repeat(10_000_000))));
  t.like(error, { code: status.RESOURCE_EXHAUSTED, reason: 'MESSAGE_TOO_LARGE' });
  t.is((await callEcho(client, word('after it'))).reason, 'after it');
});

test('headers of more than 16 KiB are refused, and what is open on the connection goes on', async (t) => {
  const role = await startRole(t, { count: stayOpen });
  const { connect: connected } = await startProxy(t, [addressOf(role)]);
  const client = connected();
  const stream = openCount(client, 1);
  await once(stream, 'data');
  const over = failure(readAll(stream));
  const error = await failure(callEcho(client, word(''), { metadata: { 'x-large': 'y'.repeat(17_000) } }));
  t.not(error.code, status.OK);
  t.log(error);
  t.is((await callEcho(client, word('after it'))).reason, 'after it');
  stream.cancel();
  t.is((await over).code, status.CANCELLED);
});

test('a client that resets streams without end loses its own connection at most, and leaves nothing behind', async (t) => {
  const role = await startRole(t, { count: stayOpen });
  const { connect: connected, port, proxy } = await startProxy(t, [addressOf(role)]);
  const client = connected();
  const held = openCount(client, 1);
  await once(held, 'data');
  let isHeldOver = false;
  const over = failure(readAll(held)).then(() => (isHeldOver = true));
  for (let round = 0; round < 5; round += 1) {
    const session = connectRaw(t, port);
    for (let i = 0; i < 600 && !session.destroyed && !session.closed; i += 1) {
      const stream = session.request({ ...HEADERS, ':path': PATH.count });
      stream.on('error', () => undefined);
      stream.write(Buffer.alloc(5));
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await new Promise((resolve) => setImmediate(resolve));
    session.destroy();
  }
  await until(() => proxy.openCalls === 1, { what: 'the calls of the others to be gone', timeoutMs: 30_000 });
  await until(() => role.openCalls === 1, { what: 'the role to be rid of them', timeoutMs: 30_000 });
  t.false(isHeldOver);
  t.is((await callEcho(client, word('lives'))).reason, 'lives');
  held.cancel();
  await over;
});
