import { BerthError } from '@berth/kernel';
import type { ServiceError } from '@grpc/grpc-js';
import { Client, credentials, status } from '@grpc/grpc-js';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { callEcho, callSum, failure, openCount, readAll } from './echo-client.fixture.js';
import type { EchoImplementation } from './echo-service.fixture.js';
import { serveEcho, word } from './echo-service.fixture.js';

/** A server, and a client within its process. */
async function serveLocally(t: ExecutionContext, methods: Partial<EchoImplementation>) {
  const { server, client: remote } = await serveEcho(t, methods);
  const channel = server.localChannel();
  return {
    server,
    remote,
    channel,
    client: new Client('', credentials.createInsecure(), { channelOverride: channel }),
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('calls within a process are answered as calls over a connection are', async (t) => {
  const { client, remote } = await serveLocally(t, {
    echo: async (request, call) => {
      if (request.reason === 'bad') {
        throw new BerthError('INVALID_FIELD', 'no', { fields: [{ field: 'reason', description: 'is bad' }] });
      }
      return Promise.resolve({ ...word(`${request.reason} by ${call.caller.name}`), domain: call.method });
    },
    count: async (request, _call, out) => {
      for (let i = 1; i <= request.seconds; i++) await out.write(word(String(i)));
      if (request.nanos > 0) throw new BerthError('STORE_UNAVAILABLE', 'away', { retryAfterMs: 5000 });
    },
  });
  for (const caller of [client, remote]) {
    const metadata = { 'berth-user': 'ada' };
    t.like(await callEcho(caller, word('hi'), { metadata }), {
      reason: 'hi by ada',
      domain: '/berth.test.v1.Echo/Echo',
    });
    t.like(await failure(callEcho(caller, word('bad'))), { code: status.INVALID_ARGUMENT, fields: ['reason'] });
    t.like(await failure(callEcho(caller, word(''), { raw: Buffer.from([255]) })), { code: status.INVALID_ARGUMENT });
    t.deepEqual(
      await readAll(openCount(caller, { seconds: 40, nanos: 0 })),
      [...Array(40).keys()].map((i) => `${i + 1}`),
    );
    t.like(await failure(readAll(openCount(caller, { seconds: 2, nanos: 1 }))), {
      code: status.UNAVAILABLE,
      retry: { seconds: 5, nanos: 0 },
    });
  }
});

test('a stream within a process waits for its reader, and ends when it is cancelled', async (t) => {
  let isOver = false;
  let written = 0;
  const { client, server } = await serveLocally(t, {
    count: async (_request, call, out) => {
      while (await out.write(word('x'))) written += 1;
      isOver = call.over && call.signal.aborted;
    },
  });
  const stream = openCount(client, { seconds: 0, nanos: 0 });
  const failed = new Promise<ServiceError>((resolve) => stream.once('error', resolve));
  stream.once('data', () => stream.pause());
  await until(() => written > 0, { what: 'a message' });
  const before = written;
  for (let turns = 0; turns < 50; turns += 1) await turn();
  t.true(written - before < 100, `${written} messages that nobody reads`);
  stream.cancel();
  t.is((await failed).code, status.CANCELLED);
  await until(() => isOver, { what: 'the end of the call' });
  t.is(server.openCalls, 0);
});

test('calls that follow each other at once let others in', async (t) => {
  const { client } = await serveLocally(t, {});
  let calls = 0;
  const over = new AbortController();
  const calling = (async () => {
    for (; !over.signal.aborted; calls += 1) await callEcho(client, word('x'));
  })();
  await turn();
  over.abort();
  await calling;
  t.true(calls > 0);
});

test('streams of requests, and calls after the end of the channel, are not served within a process', async (t) => {
  const { client, channel, server } = await serveLocally(t, {});
  t.is((await failure(callSum(client, [{ seconds: 1, nanos: 0 }]))).code, status.UNIMPLEMENTED);
  channel.close();
  t.is((await failure(callEcho(client, word('x')))).code, status.UNAVAILABLE);
  server.refuseCalls();
  const other = new Client('', credentials.createInsecure(), { channelOverride: server.localChannel() });
  t.like(await failure(callEcho(other, word('x'))), { code: status.UNAVAILABLE, info: { reason: 'SHUTTING_DOWN' } });
});
