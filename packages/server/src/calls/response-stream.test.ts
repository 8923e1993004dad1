import type { Client } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type { ErrorInfo } from '@berth/proto/google/rpc/error_details';
import test from 'ava';
import type { CallContext } from './call-context.js';
import { CallOverError } from './call-context.js';
import { callEcho, failure, openChat, openCount, readAll } from './echo-client.fixture.js';
import { serveEcho, word } from './echo-service.fixture.js';
import type { PreEncoded } from './pre-encoded.js';
import type { ResponseStream } from './response-stream.js';

const ANY = { seconds: 1, nanos: 0 };
const LARGE = word('x'.repeat(64 << 10));

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

for (const way of ['cancel', 'deadline', 'connection'] as const) {
  test(`a waiting method learns that its call is over: ${way}`, async (t) => {
    let over!: (call: CallContext) => void;
    const told = new Promise<CallContext>((resolve) => (over = resolve));
    let heard = 0;
    const { client, server } = await serveEcho(t, {
      count: async (_request, call, out) => {
        call.onOver(() => (heard += 1));
        await out.write(word('first'));
        await aborted(call.signal);
        over(call);
        t.false(await out.write(word('unheard')));
        t.false(await out.idle());
      },
    });
    await callEcho(client, word('connected'));
    const stream = openCount(client, ANY, way === 'deadline' ? Date.now() + 1000 : undefined);
    const end = failure(readAll(stream));
    await new Promise((resolve) => stream.once('data', resolve));
    if (way === 'cancel') stream.cancel();
    if (way === 'connection') client.close();
    if (way === 'connection') stream.cancel();
    const call = await told;
    t.true(call.over);
    t.is(heard, 1);
    t.is((await end).code, way === 'deadline' ? status.DEADLINE_EXCEEDED : status.CANCELLED);
    await untilEqual(() => server.openCalls, 0);
  });
}

test('a write to a reader that does not read waits for it, and ends with false when the caller cancels', async (t) => {
  let waiting!: (out: ResponseStream<ErrorInfo>) => void;
  const stalled = new Promise<ResponseStream<ErrorInfo>>((resolve) => (waiting = resolve));
  let result!: (flowing: boolean) => void;
  const ended = new Promise<boolean>((resolve) => (result = resolve));
  const { client } = await serveEcho(t, {
    count: async (_request, _call, out) => {
      while (out.writable) void out.write(LARGE);
      waiting(out);
      result(await out.write(LARGE));
    },
  });
  const stream = openCount(client, ANY);
  stream.on('error', () => undefined);
  const out = await stalled;
  t.true(out.pending >= 16);
  stream.cancel();
  t.false(await ended);
});

test('a reader that catches up lets the writer go on', async (t) => {
  const { client } = await serveEcho(t, {
    count: async (_request, _call, out) => {
      for (let i = 0; i < 100; i++) t.true(await out.write(LARGE));
      t.true(await out.idle());
      t.is(out.pending, 0);
    },
  });
  t.is((await readAll(openCount(client, ANY))).length, 100);
});

test('a reader that takes nothing is cut with SLOW_READER, and what waited for it is dropped', async (t) => {
  let over!: () => void;
  const told = new Promise<void>((resolve) => (over = resolve));
  const { client, server } = await serveEcho(
    t,
    {
      count: async (_request, call, out) => {
        call.onOver(over);
        while (await out.write(LARGE));
      },
    },
    { slowReaderMs: 200 },
  );
  const stream = openUnread(client);
  await told;
  await untilEqual(() => server.openCalls, 0);
  t.is((await failure(readAll(stream))).code, status.RESOURCE_EXHAUSTED);
});

test('a slow reader that comes back in time reads what waited and then why it was cut', async (t) => {
  let over!: () => void;
  const told = new Promise<void>((resolve) => (over = resolve));
  const { client } = await serveEcho(
    t,
    {
      count: async (_request, call, out) => {
        call.onOver(over);
        while (await out.write(LARGE));
      },
    },
    { slowReaderMs: 4000 },
  );
  const stream = openUnread(client);
  await told;
  const error = await failure(readAll(stream));
  t.is(error.code, status.RESOURCE_EXHAUSTED);
  t.is(error.info?.reason, 'SLOW_READER');
});

test('a message encoded once goes to many streams', async (t) => {
  let once: PreEncoded | undefined;
  const { client } = await serveEcho(t, {
    count: async (_request, _call, out) => {
      once ??= out.encode(word('same for all'));
      await out.write(once);
    },
  });
  const streams = Array.from({ length: 20 }, () => readAll(openCount(client, ANY)));
  t.deepEqual(new Set((await Promise.all(streams)).flat()), new Set(['same for all']));
});

test('a method that reads requests is told of a cancel, not of an end', async (t) => {
  let thrown!: (error: unknown) => void;
  const told = new Promise<unknown>((resolve) => (thrown = resolve));
  const { client } = await serveEcho(t, {
    chat: async (requests, _call, out) => {
      try {
        for await (const request of requests) await out.write(request);
      } catch (error) {
        thrown(error);
        throw error;
      }
    },
  });
  const chat = openChat(client);
  chat.on('error', () => undefined);
  chat.write(word('a'));
  await new Promise((resolve) => chat.once('data', resolve));
  chat.cancel();
  t.true((await told) instanceof CallOverError);
});

/**
 * A stream that takes a few messages and then no more. Asked for none at all, grpc-js' client would take all of them into
 * its memory: it pauses only after a message that was asked for.
 */
function openUnread(client: Client): ReturnType<typeof openCount> {
  const stream = openCount(client, ANY);
  stream.read(0);
  return stream;
}

async function untilEqual(read: () => number, wanted: number): Promise<void> {
  while (read() !== wanted) await new Promise((resolve) => setImmediate(resolve));
}
