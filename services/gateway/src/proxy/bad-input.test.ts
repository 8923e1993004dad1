import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import type { OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { seededRandom } from '@berth/testkit';
import type { SeededRandom } from '@berth/testkit';
import test from 'ava';
import { callEcho } from './echo-calls.fixture.js';
import { addressOf, PATH, startProxy, startRole, word } from './proxy.fixture.js';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = 4;
const FRAME_TYPES = 12;

/** A frame of HTTP/2: its header and what it holds. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function bytes(random: SeededRandom, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.int(most) }, () => random.int(256)));
}

/** Sends frames that make no sense, until the proxy has had enough or they are at an end. */
async function sendNonsense(port: number, random: SeededRandom): Promise<void> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (random.chance(0.9)) socket.write(PREFACE);
  if (random.chance(0.9)) socket.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)));
  for (let i = random.int(30); i > 0 && !socket.destroyed; i -= 1) {
    const payload = bytes(random, 200);
    socket.write(frame(random.int(FRAME_TYPES), random.int(256), random.int(9), payload));
  }
  socket.write(bytes(random, 100));
  await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
}

/** Headers that no client of gRPC sends. */
const ODD_HEADERS: readonly OutgoingHttpHeaders[] = [
  { ':path': '' },
  { ':path': '*' },
  { ':path': '/' },
  { ':path': '//' },
  { ':path': `/berth.test.v1.${'x'.repeat(8000)}/Echo` },
  { ':path': '/berth.test.v1.Echo/Echo\u00e9' },
  { ':path': PATH.echo, 'grpc-timeout': 'soon' },
  { ':path': PATH.echo, 'grpc-timeout': '99999999999S' },
  { ':path': PATH.echo, 'grpc-encoding': 'nothing' },
  { ':path': PATH.echo, 'content-length': '7' },
  { ':path': PATH.echo, 'x-odd-bin': '!!! no base64 !!!' },
  { ':path': PATH.echo, 'berth-user-bin': '????' },
  { ':path': PATH.echo, 'berth-user': 'a,b', 'berth-role': 'king' },
  { ':path': PATH.echo, 'berth-benches': '{' },
  { ':path': PATH.echo, expect: '100-continue' },
  { ':path': PATH.echo, 'grpc-status': '0' },
  { ':path': PATH.echo, cookie: ['a=b', 'c=d'] },
  { ':path': '/grpc.health.v1.Health/Nothing' },
  { ':path': '/grpc.nothing' },
];

/** The HTTP status and the status of gRPC with which a call ends; a reset is its code. */
async function endOf(port: number, headers: OutgoingHttpHeaders, body: Buffer): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
  session.on('error', () => undefined);
  try {
    const stream = session.request({
      ':method': 'POST',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const told: string[] = [];
    stream.on('error', () => undefined);
    stream.on('response', (answer) => told.push(String(answer[':status']), String(answer['grpc-status'] ?? '')));
    stream.on('trailers', (trailers: Record<string, unknown>) => told.push(String(trailers['grpc-status'])));
    stream.on('data', () => undefined);
    stream.end(body);
    await once(stream, 'close');
    return [...told, stream.rstCode === constants.NGHTTP2_NO_ERROR ? '' : `reset ${String(stream.rstCode)}`].join(' ');
  } finally {
    session.destroy();
  }
}

test('frames that make no sense harm nobody but their sender', async (t) => {
  const random = seededRandom();
  t.log(`BERTH_SEED=${String(random.seed)}`);
  const role = await startRole(t);
  const { connect, port } = await startProxy(t, [addressOf(role)]);
  const client = connect();
  for (let i = 0; i < 200; i += 1) {
    await sendNonsense(port, random);
    if (i % 20 === 0) t.is((await callEcho(client, word('well'))).reason, 'well');
  }
  t.is((await callEcho(client, word('well'))).reason, 'well');
});

test('headers that no client sends, and messages that are none, are answered, and the gateway goes on', async (t) => {
  const role = await startRole(t);
  const { connect, port } = await startProxy(t, [addressOf(role)]);
  const client = connect();
  for (const headers of ODD_HEADERS) {
    for (const body of [
      Buffer.alloc(0),
      Buffer.alloc(5),
      Buffer.from([0, 0, 0, 0, 9, 1]),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    ]) {
      const end = await endOf(port, headers, body);
      t.not(end, '', JSON.stringify(headers));
    }
    t.is((await callEcho(client, word('well'))).reason, 'well', JSON.stringify(headers));
  }
});
