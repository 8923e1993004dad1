import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { seededRandom } from '@berth/testkit';
import type { SeededRandom } from '@berth/testkit';
import test from 'ava';
import { callEcho } from './echo-calls.fixture.js';
import { addressOf, startProxy, startRole, word } from './proxy.fixture.js';

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
