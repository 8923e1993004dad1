import { BerthError } from '@berth/kernel';
import { openSqliteEventLogStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import type { EventLog } from '../ports/event-log.js';
import { onceAnOutage, StoreHealth } from './store-health.js';

const AWAY = new BerthError('STORE_UNAVAILABLE', 'the disk is full');

test('a lab that writes does not hide that another cannot; a ping that was sent before a failure proves nothing', async (t) => {
  const clock = fakeClock();
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock });
  const said: boolean[] = [];
  let pings = 0;
  let answer: (() => void) | undefined;
  const ping = (): Promise<void> => {
    pings += 1;
    return new Promise((resolve) => (answer = resolve));
  };
  const health = new StoreHealth({ store: { ping }, clock, storeWorks: (works) => said.push(works) });
  const good = health.watched(await store.open('good'));
  const bad = await store.open('bad');
  let full = true;
  const append: EventLog['append'] = (batch) => (full ? Promise.reject(AWAY) : bad.append(batch));
  const watched = health.watched(Object.assign(Object.create(bad) as EventLog, { append }));
  const write = async (log: EventLog): Promise<void> => {
    await log.append({ expected: 0, events: [Buffer.from('e')], steps: [] });
  };
  await t.throwsAsync(write(watched));
  await write(good);
  t.deepEqual(said, [false], 'the lab that writes has not taken it back');
  clock.advance(1000);
  await until(() => pings === 1, { what: 'a ping' });
  await t.throwsAsync(write(watched));
  answer?.();
  await until(
    () => {
      clock.advance(1000);
      return pings > 1;
    },
    { what: 'the next ping' },
  );
  t.false(said.includes(true));
  answer?.();
  await until(() => said.at(-1) === true, { what: 'word that it works' });
  full = false;
  await write(health.watched(bad));
  await store.close();
});

test('that the store is away is not logged again by each who waits for it', (t) => {
  const lines: string[] = [];
  const write = (_: object, message: string): void => void lines.push(message);
  const logger = onceAnOutage({ info: write, warn: write, error: write });
  logger.warn({ err: AWAY }, 'a stream could not be detached');
  logger.error({ err: AWAY }, 'the inventory could not be applied');
  logger.warn({ err: new Error('a fault') }, 'a fault');
  logger.warn({}, 'state loaded');
  t.deepEqual(lines, ['a fault', 'state loaded']);
});
