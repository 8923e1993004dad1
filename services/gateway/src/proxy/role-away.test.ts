import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Health } from './health-client.fixture.js';
import { freePort, until } from '@berth/testkit';
import { status } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { callEcho, failure, openCount, readAll } from './echo-calls.fixture.js';
import type { EchoMethods } from './proxy.fixture.js';
import { addressOf, startProxy, startRole, word } from './proxy.fixture.js';

/** Tells its name, and stays open until the server shuts down. */
function staying(name: string): Partial<EchoMethods> {
  return {
    echo: () => Promise.resolve(word(name)),
    async count(_request, call, out) {
      await out.write(word(name));
      await new Promise<void>((resolve) => {
        call.onOver(resolve);
      });
    },
  };
}

/** A process that takes connections and never says a word, as one that is frozen does. */
async function startFrozen(t: ExecutionContext): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

test('a role that is away is told within 2 s, with a time to come back, and is found when it is there', async (t) => {
  const port = await freePort();
  const { connect } = await startProxy(t, [`127.0.0.1:${String(port)}`]);
  const client = connect();
  const startedMs = performance.now();
  const error = await failure(callEcho(client, word('')));
  t.like(error, { code: status.UNAVAILABLE, reason: 'ROLE_UNAVAILABLE', retryMs: 1000 });
  t.regex(error.text, /role test .*ECONNREFUSED/);
  t.true(performance.now() - startedMs < 2000);
  await startRole(t, staying('late'), { port });
  t.is((await callEcho(client, word(''))).reason, 'late');
});

test('a role that is frozen is told within 2 s, and another process of it is asked meanwhile', async (t) => {
  const frozen = await startFrozen(t);
  const alone = (await startProxy(t, [frozen])).connect();
  const startedMs = performance.now();
  t.like(await failure(callEcho(alone, word(''))), { code: status.UNAVAILABLE, reason: 'ROLE_UNAVAILABLE' });
  t.true(performance.now() - startedMs < 2500);
  const role = await startRole(t, staying('well'));
  const { connect } = await startProxy(t, [frozen, addressOf(role)]);
  for (let i = 0; i < 3; i += 1) t.is((await callEcho(connect(), word(''))).reason, 'well');
});

test('clients are spread over the processes of a role, and each stays with one', async (t) => {
  const roles = [await startRole(t, staying('one')), await startRole(t, staying('two'))];
  const { connect } = await startProxy(t, roles.map(addressOf));
  const clients = Array.from({ length: 4 }, () => connect());
  const first = await Promise.all(clients.map(async (client) => (await callEcho(client, word(''))).reason));
  t.deepEqual([...first].sort(), ['one', 'one', 'two', 'two']);
  const again = await Promise.all(clients.map(async (client) => (await callEcho(client, word(''))).reason));
  t.deepEqual(again, first);
});

test('a connection to a role that breaks ends its streams with UNAVAILABLE; the next call finds another process', async (t) => {
  const roles = [await startRole(t, staying('one')), await startRole(t, staying('two'))];
  const { connect } = await startProxy(t, roles.map(addressOf));
  const client = connect();
  const stream = openCount(client, 1);
  const [first] = (await once(stream, 'data')) as [{ reason: string }];
  const over = failure(readAll(stream));
  const held = first.reason === 'one' ? 0 : 1;
  roles[held]?.server.forceShutdown();
  await roles[held]?.stop();
  t.like(await over, { code: status.UNAVAILABLE });
  t.is((await callEcho(client, word(''))).reason, held === 0 ? 'two' : 'one');
});

test('a role that shuts down keeps its streams, and new calls go to another process', async (t) => {
  const roles = [
    await startRole(t, staying('one'), { shutdownGraceMs: 20_000 }),
    await startRole(t, staying('two'), { shutdownGraceMs: 20_000 }),
  ];
  const { connect } = await startProxy(t, roles.map(addressOf));
  const client = connect();
  const stream = openCount(client, 1);
  const [first] = (await once(stream, 'data')) as [{ reason: string }];
  let isOver = false;
  const over = failure(readAll(stream)).then(() => (isOver = true));
  const other = first.reason === 'one' ? 'two' : 'one';
  roles[first.reason === 'one' ? 0 : 1]?.refuseCalls();
  // The goodbye is on its way to the gateway; a call that is faster than it is refused.
  await until(async () => (await callEcho(client, word('')).catch(() => word(''))).reason === other, {
    what: 'calls to go to the other process',
  });
  for (let i = 0; i < 5; i += 1) t.is((await callEcho(client, word(''))).reason, other);
  t.false(isOver);
  stream.cancel();
  await over;
});

test('health is asked of the roles: one process that serves is enough', async (t) => {
  const roles = [await startRole(t), await startRole(t)];
  const { connect, targets } = await startProxy(t, roles.map(addressOf));
  const health = new Health(connect());
  t.is(await health.check('berth.test.v1.Echo'), 'SERVING');
  roles[0]?.health.setAll(false);
  await until(() => targets.candidates()[1]?.serving === false, { what: 'the gateway to hear of it' });
  t.is(await health.check('berth.test.v1.Echo'), 'SERVING');
  roles[1]?.health.setAll(false);
  await until(async () => (await health.check('berth.test.v1.Echo')) === 'NOT_SERVING', { what: 'NOT_SERVING' });
  t.is(await health.check(''), 'NOT_SERVING');
  roles[1]?.health.setAll(true);
  await until(async () => (await health.check('')) === 'SERVING', { what: 'SERVING' });
});

test('a proxy that stops tells clients to go elsewhere, waits for calls, and ends the rest with a time to come back', async (t) => {
  let finish!: () => void;
  const mayFinish = new Promise<void>((resolve) => (finish = resolve));
  const role = await startRole(t, {
    ...staying('x'),
    async echo(request) {
      await mayFinish;
      return request;
    },
  });
  const { proxy, connect } = await startProxy(t, [addressOf(role)], { options: { shutdownGraceMs: 1000 } });
  const client = connect();
  const stream = openCount(client, 1);
  await once(stream, 'data');
  const over = failure(readAll(stream));
  const pending = callEcho(client, word('in time'));
  await until(() => role.openCalls === 2, { what: 'both calls at the role' });
  const stopped = proxy.stop();
  finish();
  t.is((await pending).reason, 'in time');
  t.like(await over, { code: status.UNAVAILABLE, reason: 'SHUTTING_DOWN', retryMs: 1000 });
  await stopped;
  t.is(proxy.openCalls, 0);
  await until(() => role.openCalls === 0, { what: 'no calls at the role' });
});
