import { BerthError } from '@berth/kernel';
import { status } from '@grpc/grpc-js';
import test from 'ava';
import { pino } from 'pino';
import { callEcho, failure, openCount, readAll } from './calls/echo-client.fixture.js';
import { serveEcho, word } from './calls/echo-service.fixture.js';
import { createGrpcServer } from './grpc-server.js';

const ANY = { seconds: 1, nanos: 0 };
const DAY_MS = 86_400_000;
const silent = pino({ level: 'silent' });

for (const days of [24, 30, 60, 3000]) {
  test(`a deadline of ${String(days)} days does not end the call at once`, async (t) => {
    const { client } = await serveEcho(t, {
      count: async (_request, call, out) => {
        const { deadlineMs = Infinity } = call;
        // grpc-js would end the call by a timer of 1 ms, which fires while these take their turns.
        for (let i = 0; i < 100; i++) await Promise.all([out.write(word('')), out.idle()]);
        const inTime = deadlineMs > Date.now() + 23 * DAY_MS;
        await out.write(word(`over: ${String(call.over)}, in time: ${String(inTime)}`));
      },
    });
    const messages = await readAll(openCount(client, ANY, Date.now() + days * DAY_MS));
    t.is(messages.at(-1), 'over: false, in time: true');
  });
}

test('stop tells the methods, waits for them, and refuses new calls with a time to come back', async (t) => {
  let begun!: () => void;
  const started = new Promise<void>((resolve) => (begun = resolve));
  let finish!: () => void;
  const mayFinish = new Promise<void>((resolve) => (finish = resolve));
  const { client, server, connect } = await serveEcho(t, {
    count: async (_request, call, out) => {
      const told = new Promise((resolve) => {
        call.shutdown.addEventListener('abort', resolve);
      });
      await out.write(word('waiting'));
      begun();
      await told;
      await mayFinish;
      throw call.shutdown.reason;
    },
  });
  const stream = failure(readAll(openCount(client, ANY)));
  await started;
  const stopped = server.stop();
  // Clients are told to make their next calls over another connection.
  const refused = await failure(callEcho(connect(), word('')));
  t.is(refused.code, status.UNAVAILABLE);
  t.is(refused.info?.reason, 'SHUTTING_DOWN');
  t.deepEqual(refused.retry, { seconds: 1, nanos: 0 });
  finish();
  const ended = await stream;
  t.is(ended.code, status.UNAVAILABLE);
  t.is(ended.info?.reason, 'SHUTTING_DOWN');
  await stopped;
});

test('stop does not wait for ever for a method that does not end', async (t) => {
  let begun!: () => void;
  const started = new Promise<void>((resolve) => (begun = resolve));
  const { client, server } = await serveEcho(
    t,
    {
      count: async () => {
        begun();
        await new Promise(() => undefined);
      },
    },
    { shutdownGraceMs: 50 },
  );
  const stream = failure(readAll(openCount(client, ANY)));
  await started;
  await server.stop();
  t.not((await stream).code, status.OK);
  t.is(server.openCalls, 0);
});

test('an address that other machines reach needs --insecure', async (t) => {
  const server = createGrpcServer({ host: '0.0.0.0', port: 0, log: silent });
  const error = await t.throwsAsync(server.start(), { instanceOf: BerthError });
  t.is(error.reason, 'INVALID_CONFIG');
  t.regex(error.message, /--insecure/);
  const allowed = createGrpcServer({ host: '0.0.0.0', port: 0, log: silent, insecure: true });
  t.teardown(() => allowed.stop());
  t.true((await allowed.start()).port > 0);
});

test('a port in use is named, with what to do', async (t) => {
  const { server } = await serveEcho(t, {});
  const { port } = server.address;
  const error = await t.throwsAsync(createGrpcServer({ host: '127.0.0.1', port, log: silent }).start(), {
    instanceOf: BerthError,
  });
  t.is(error.reason, 'ADDRESS_IN_USE');
  t.true(error.message.includes(`127.0.0.1:${String(port)}`));
  t.regex(error.message, /--listen/);
});
