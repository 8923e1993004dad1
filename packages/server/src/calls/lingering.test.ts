import { once } from 'node:events';
import type { Client, ClientReadableStream } from '@grpc/grpc-js';
import { fakeClock, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { CallContext } from './call-context.js';
import { LINGER_MS } from './call-context.js';
import { openCount } from './echo-client.fixture.js';
import { serveEcho, word } from './echo-service.fixture.js';

/** A call that stays until its method is told that it is over. */
async function stay(t: ExecutionContext) {
  const calls: CallContext[] = [];
  let told = 0;
  const clock = fakeClock();
  const { server, connect } = await serveEcho(
    t,
    {
      count: async (_request, call, out) => {
        calls.push(call);
        await out.write(word('here'));
        await new Promise<void>((resolve) => {
          call.onOver(() => {
            told += 1;
            resolve();
          });
        });
      },
    },
    { clock, shutdownGraceMs: 1 },
  );
  const open = async (client: Client): Promise<ClientReadableStream<unknown>> => {
    const stream = openCount(client, { seconds: 1, nanos: 0 });
    stream.on('error', () => undefined);
    await once(stream, 'data');
    return stream;
  };
  const isOver = (): boolean => calls.length > 0 && calls.every(({ over }) => over);
  return { server, clock, connect, open, isOver, told: () => told };
}

test('who is cut by its own ping while a server stops counts as there for a moment', async (t) => {
  const { server, clock, connect, open, isOver, told } = await stay(t);
  const stream = await open(connect({ 'grpc.keepalive_time_ms': 200 }));
  server.refuseCalls();
  await once(stream, 'error');
  await until(isOver, { what: 'the server to see that the connection is gone' });
  clock.advance(LINGER_MS - 1);
  t.is(told(), 0);
  clock.advance(1);
  t.is(told(), 1);
});

test('who cancels while a server stops is gone at once', async (t) => {
  const { server, connect, open, told } = await stay(t);
  const stream = await open(connect());
  server.refuseCalls();
  stream.cancel();
  await until(() => told() === 1, { what: 'the method to be told' });
  t.is(told(), 1);
});
