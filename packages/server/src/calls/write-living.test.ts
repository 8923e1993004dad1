import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import type { CallContext } from './call-context.js';
import type { ResponseStream } from './response-stream.js';
import { writeLiving } from './write-living.js';

/** A stream of texts that a test writes one by one, and what its reader gets. */
function scene() {
  const clock = fakeClock();
  const [over, shutdown] = [new AbortController(), new AbortController()];
  const got: string[] = [];
  const reader = { pending: 0, takes: true };
  const waiting: string[] = [];
  let wake = (): void => undefined;
  async function* messages(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    signal.addEventListener('abort', () => {
      wake();
    });
    while (!signal.aborted) {
      yield* waiting.splice(0);
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (waiting.length > 0 || signal.aborted) resolve();
      });
    }
  }
  const out = {
    get pending() {
      return reader.pending;
    },
    write(message: string) {
      got.push(message);
      return Promise.resolve(reader.takes);
    },
  } as ResponseStream<string>;
  const call = { signal: over.signal, shutdown: shutdown.signal } as CallContext;
  return {
    clock,
    over,
    shutdown,
    got,
    reader,
    say: (text: string) => {
      waiting.push(text);
      wake();
    },
    ended: writeLiving(call, out, { clock, messages, signOfLife: 'alive' }),
  };
}

test('messages come at once, and a sign of life within 10 s of silence, unless the reader is behind', async (t) => {
  const { clock, got, reader, say, over, ended } = scene();
  say('one');
  await until(() => got.length === 1, { what: 'the first message' });
  clock.advance(7000);
  t.deepEqual(got, ['one']);
  clock.advance(2000);
  t.deepEqual(got, ['one', 'alive']);
  reader.pending = 1;
  clock.advance(20_000);
  t.deepEqual(got, ['one', 'alive'], 'it has not even read the last one');
  reader.pending = 0;
  clock.advance(1000);
  t.deepEqual(got, ['one', 'alive', 'alive']);
  over.abort();
  await ended;
  clock.advance(60_000);
  t.is(got.length, 3, 'nothing is written once it is over');
});

test('it ends when the reader is gone, and tells a stop of the server', async (t) => {
  const gone = scene();
  gone.reader.takes = false;
  gone.say('one');
  await gone.ended;
  t.deepEqual(gone.got, ['one']);
  const stopped = scene();
  stopped.shutdown.abort(new Error('shutting down'));
  await t.throwsAsync(stopped.ended, { message: 'shutting down' });
});
