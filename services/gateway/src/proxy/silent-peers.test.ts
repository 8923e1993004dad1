import { once } from 'node:events';
import { startFaultProxy, until } from '@berth/testkit';
import { Client, credentials, status } from '@grpc/grpc-js';
import test from 'ava';
import { failure, openCount, readAll } from './echo-calls.fixture.js';
import { startProxy, startRole, stayOpen } from './proxy.fixture.js';

const SOON = { keepaliveTimeMs: 200, keepaliveTimeoutMs: 200 };

test('a role that is gone without a word ends its streams, within the time of a ping', async (t) => {
  const role = await startRole(t, { count: stayOpen });
  const network = await startFaultProxy(role.address.port);
  t.teardown(() => network.stop());
  const client = (await startProxy(t, [network.address], { options: SOON })).connect();
  const stream = openCount(client, 1);
  await once(stream, 'data');
  const over = failure(readAll(stream));
  network.stall();
  t.like(await over, { code: status.UNAVAILABLE, reason: 'ROLE_UNAVAILABLE' });
});

test('a client that is gone without a word ends its calls at the role', async (t) => {
  const role = await startRole(t, { count: stayOpen });
  const { port, proxy } = await startProxy(t, [`127.0.0.1:${String(role.address.port)}`], { options: SOON });
  const network = await startFaultProxy(port);
  t.teardown(() => network.stop());
  const client = new Client(network.address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  t.teardown(() => {
    client.close();
  });
  const stream = openCount(client, 1);
  stream.on('error', () => undefined);
  await once(stream, 'data');
  t.is(role.openCalls, 1);
  network.stall();
  await until(() => role.openCalls === 0 && proxy.openCalls === 0, { what: 'the call to end', timeoutMs: 30_000 });
});

test('a connection that is silent and lives is left alone', async (t) => {
  const role = await startRole(t, { count: stayOpen });
  const { connect, proxy } = await startProxy(t, [`127.0.0.1:${String(role.address.port)}`], { options: SOON });
  const stream = openCount(connect(), 1);
  await once(stream, 'data');
  const over = failure(readAll(stream));
  const sinceMs = performance.now();
  await until(() => performance.now() - sinceMs > 1500, { what: 'several pings' });
  t.is(proxy.openCalls, 1);
  stream.cancel();
  t.is((await over).code, status.CANCELLED);
});
