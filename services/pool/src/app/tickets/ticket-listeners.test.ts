import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import { TicketListeners } from './ticket-listeners.js';

const NEVER = new AbortController().signal;

/** Whether a promise has settled, once all that was begun has run. */
async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

test('a change wakes those that wait for that ticket, also one that came before they waited', async (t) => {
  const clock = fakeClock();
  // Nobody else changes anything.
  const listeners = new TicketListeners(clock, () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
  }));
  const [one, other] = [listeners.listen('1'), listeners.listen('2')];
  t.is(listeners.count, 2);
  const waiting = [one.change(1000, NEVER), other.change(1000, NEVER)] as const;
  listeners.wake('1');
  t.deepEqual([await settled(waiting[0]), await settled(waiting[1])], [true, false]);
  listeners.wake('1');
  t.true(await settled(one.change(1000, NEVER)), 'it came in between');
  const late = one.change(1000, NEVER);
  t.false(await settled(late));
  clock.advance(1000);
  t.true(await settled(late));
  const leaving = new AbortController();
  const left = one.change(1000, leaving.signal);
  leaving.abort();
  t.true(await settled(left));
  one.close();
  other.close();
  t.is(listeners.count, 0);
});

test('changes of other processes are watched while somebody waits, and again after a failure', async (t) => {
  const clock = fakeClock();
  const watches: AbortSignal[] = [];
  let tell = (_: string): void => undefined;
  const listeners = new TicketListeners(clock, async function* (signal) {
    watches.push(signal);
    if (watches.length === 1) throw new Error('the store is away');
    while (!signal.aborted) {
      const id = await new Promise<string>((resolve) => {
        tell = resolve;
        signal.addEventListener('abort', () => {
          resolve('');
        });
      });
      yield { value: { id } };
    }
  });
  t.is(watches.length, 0);
  const listener = listeners.listen('7');
  const waiting = listener.change(60_000, NEVER);
  await until(
    () => {
      clock.advance(100);
      return watches.length === 2;
    },
    { what: 'a second watch' },
  );
  tell('7');
  await waiting;
  t.false(watches[1]?.aborted);
  listener.close();
  t.true(watches[1]?.aborted, 'nobody waits any more');
  listeners.listen('8').close();
  t.is(watches.length, 3);
});
