import { BerthError } from '@berth/kernel';
import { status } from '@grpc/grpc-js';
import test from 'ava';
import { callEcho, callSum, failure, openChat, openCount, readAll } from './echo-client.fixture.js';
import { serveEcho, word } from './echo-service.fixture.js';

test('each shape of method is served', async (t) => {
  const { client } = await serveEcho(t, {
    echo: async (request) => Promise.resolve(word(request.reason.toUpperCase())),
    count: async (request, _call, out) => {
      for (let i = 1; i <= request.seconds; i++) await out.write(word(String(i)));
    },
    sum: async (requests) => {
      let seconds = 0;
      for await (const request of requests) seconds += request.seconds;
      return { seconds, nanos: 0 };
    },
    chat: async (requests, _call, out) => {
      for await (const request of requests) await out.write(word(`${request.reason}!`));
    },
  });
  t.is((await callEcho(client, word('hi'))).reason, 'HI');
  t.deepEqual(await readAll(openCount(client, { seconds: 3, nanos: 0 })), ['1', '2', '3']);
  t.deepEqual(
    await callSum(client, [
      { seconds: 2, nanos: 0 },
      { seconds: 5, nanos: 0 },
    ]),
    { seconds: 7, nanos: 0 },
  );
  const chat = openChat(client);
  chat.write(word('a'));
  chat.write(word('b'));
  chat.end();
  t.deepEqual(await readAll(chat), ['a!', 'b!']);
});

test('a method knows its caller, its deadline and when it was sent', async (t) => {
  const { client } = await serveEcho(t, {
    echo: async (_request, call) =>
      Promise.resolve({
        reason: `${call.caller.name} ${call.caller.role}`,
        domain: call.method,
        metadata: {
          sent: call.sentAt?.toISOString() ?? '',
          deadline: String(call.deadlineMs !== undefined),
          id: call.requestId,
        },
      }),
  });
  const plain = await callEcho(client, word(''));
  t.is(plain.reason, 'anonymous operator');
  t.is(plain.metadata['deadline'], 'false');
  const metadata = { 'berth-user': 'ada', 'berth-role': 'viewer', 'berth-sent-at': '2026-01-02T03:04:05.000Z' };
  const told = await callEcho(client, word(''), { metadata, deadline: Date.now() + 60_000 });
  t.is(told.reason, 'ada viewer');
  t.is(told.domain, '/berth.test.v1.Echo/Echo');
  t.is(told.metadata['sent'], '2026-01-02T03:04:05.000Z');
  t.is(told.metadata['deadline'], 'true');
  t.not(told.metadata['id'], plain.metadata['id']);
});

test('a role that does not exist is refused with the roles there are', async (t) => {
  const { client } = await serveEcho(t, {});
  const error = await failure(callEcho(client, word(''), { metadata: { 'berth-role': 'king' } }));
  t.is(error.code, status.INVALID_ARGUMENT);
  t.is(error.text, 'metadata berth-role must be one of viewer, user, operator, admin, got "king"');
  t.deepEqual(error.fields, ['metadata.berth-role']);
});

for (const shape of ['unary', 'server stream', 'client stream', 'bidi'] as const) {
  test(`what a method throws becomes its status with details: ${shape}`, async (t) => {
    const fail = () =>
      Promise.reject(
        new BerthError('BENCH_BUSY', 'resource1 is held by ada', { metadata: { holder: 'ada' }, retryAfterMs: 1500 }),
      );
    const { client } = await serveEcho(t, { echo: fail, count: fail, sum: fail, chat: fail });
    const call = {
      unary: () => callEcho(client, word('')),
      'server stream': () => readAll(openCount(client, { seconds: 1, nanos: 0 })),
      'client stream': () => callSum(client, []),
      bidi: () => readAll(openChat(client)),
    }[shape];
    const error = await failure(call());
    t.is(error.code, status.RESOURCE_EXHAUSTED);
    t.is(error.text, 'resource1 is held by ada');
    t.deepEqual(error.info, { reason: 'BENCH_BUSY', domain: 'berth.dev', metadata: { holder: 'ada' } });
    t.deepEqual(error.retry, { seconds: 1, nanos: 500_000_000 });
  });

  test(`a fault that nobody foresaw is INTERNAL, its cause in the log only, and the server lives: ${shape}`, async (t) => {
    const fail = (): never => {
      throw new TypeError('secret of the house');
    };
    const { client, logged } = await serveEcho(t, { echo: fail, count: fail, sum: fail, chat: fail });
    const call = {
      unary: () => callEcho(client, word('')),
      'server stream': () => readAll(openCount(client, { seconds: 1, nanos: 0 })),
      'client stream': () => callSum(client, []),
      bidi: () => readAll(openChat(client)),
    }[shape];
    const error = await failure(call());
    t.is(error.code, status.INTERNAL);
    t.is(error.info?.reason, 'INTERNAL');
    t.notRegex(error.text, /secret/);
    const id = error.info?.metadata['requestId'];
    t.true(error.text.includes(String(id)));
    const line = logged.find((entry) => entry['requestId'] === id);
    t.is((line?.['err'] as { message: string }).message, 'secret of the house');
    t.is((await failure(call())).code, status.INTERNAL);
  });
}

test('a stream tells of an error after its messages', async (t) => {
  const { client } = await serveEcho(t, {
    count: async (_request, _call, out) => {
      await out.write(word('first'));
      throw new BerthError('WAIT_TIMEOUT', 'waited long enough');
    },
  });
  const stream = openCount(client, { seconds: 1, nanos: 0 });
  const read: string[] = [];
  stream.on('data', (message: { reason: string }) => read.push(message.reason));
  const error = await failure(readAll(stream));
  t.deepEqual(read, ['first']);
  t.is(error.code, status.DEADLINE_EXCEEDED);
  t.is(error.info?.reason, 'WAIT_TIMEOUT');
});

test('a request over the limit, and bytes that are no message, are told apart from faults of the server', async (t) => {
  const { client } = await serveEcho(t, {});
  const large = await failure(callEcho(client, word('x'.repeat(2 << 20))));
  t.is(large.code, status.RESOURCE_EXHAUSTED);
  t.is(large.info?.reason, 'MESSAGE_TOO_LARGE');
  t.is(large.info?.metadata['maxBytes'], '1048576');
  t.regex(large.text, /at most 1048576 are taken/);
  const huge = await failure(callEcho(client, word('x'.repeat(65 << 20))));
  t.is(huge.code, status.RESOURCE_EXHAUSTED);
  const garbled = await failure(callEcho(client, word(''), { raw: Buffer.from([0x0a, 0xff, 0xff]) }));
  t.is(garbled.code, status.INVALID_ARGUMENT);
  t.is(garbled.info?.reason, 'INVALID_FIELD');
});
