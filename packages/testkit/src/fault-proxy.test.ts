import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { FaultProxy } from './fault-proxy.js';
import { startFaultProxy } from './fault-proxy.js';
import { until } from './until.js';

interface Setup {
  readonly proxy: FaultProxy;
  readonly client: Socket;
  readonly accepted: Socket[];
  /** What the client got back from the echo. */
  readonly echoed: () => string;
}

async function startEcho(t: ExecutionContext): Promise<Setup> {
  const accepted: Socket[] = [];
  const echo = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const proxy = await startFaultProxy((echo.address() as AddressInfo).port);
  const client = connect(proxy.port, '127.0.0.1');
  let text = '';
  client.on('data', (data) => (text += data.toString()));
  client.on('error', () => undefined);
  t.teardown(async () => {
    client.destroy();
    await proxy.stop();
    echo.close();
  });
  return { proxy, client, accepted, echoed: () => text };
}

test('passes bytes both ways', async (t) => {
  const { client, echoed } = await startEcho(t);
  client.write('hello');
  t.is(await until(() => echoed() === 'hello' && 'hello', { what: 'the echo' }), 'hello');
});

test('a stalled connection is silent until it is healed, and then loses nothing', async (t) => {
  const { client, echoed, proxy, accepted } = await startEcho(t);
  client.write('a');
  await until(() => echoed() === 'a', { what: 'the echo' });
  proxy.stall();
  client.write('b');
  const before = accepted[0]?.bytesRead;
  // A second connection through the same proxy shows that the first one's bytes had their time.
  const second = connect(proxy.port, '127.0.0.1');
  await until(() => proxy.connections === 2, { what: 'the second connection' });
  second.destroy();
  t.is(accepted[0]?.bytesRead, before);
  proxy.heal();
  await until(() => echoed() === 'ab', { what: 'the rest' });
  t.is(echoed(), 'ab');
});

test('the other side does not learn of a connection that is closed while the network is cut', async (t) => {
  const { client, echoed, proxy, accepted } = await startEcho(t);
  client.write('a');
  await until(() => echoed() === 'a', { what: 'the echo' });
  proxy.stall();
  client.destroy();
  await until(() => client.destroyed, { what: 'the end of the client' });
  t.false(accepted[0]?.destroyed);
  proxy.heal();
  await until(() => accepted[0]?.destroyed, { what: 'the end of the connection' });
  t.is(proxy.connections, 0);
});

test('a cut ends both sides', async (t) => {
  const { client, echoed, proxy, accepted } = await startEcho(t);
  client.write('a');
  await until(() => echoed() === 'a', { what: 'the echo' });
  proxy.cut();
  await until(() => client.destroyed && accepted[0]?.destroyed, { what: 'the end of both' });
  t.is(proxy.connections, 0);
});

test('a request whose answer is lost gets through, and resets its connection only', async (t) => {
  const { client, echoed, proxy, accepted } = await startEcho(t);
  client.write('a');
  const other = connect(proxy.port, '127.0.0.1');
  await until(() => echoed() === 'a' && proxy.connections === 2, { what: 'both connections' });
  proxy.loseAnswers();
  client.write('b');
  await until(() => client.destroyed, { what: 'the reset' });
  t.is(accepted[0]?.bytesRead, 2);
  t.is(echoed(), 'a');
  t.is(proxy.connections, 1);
  proxy.heal();
  other.write('c');
  const [answer] = (await once(other, 'data')) as [Buffer];
  t.is(answer.toString(), 'c');
  t.is(proxy.accepted, 2);
  other.destroy();
});
