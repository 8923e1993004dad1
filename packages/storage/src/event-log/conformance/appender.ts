import { systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '../../redis/redis-event-log-store.js';
import { openSqliteEventLogStore } from '../../sqlite/sqlite-event-log-store.js';
import { bytes } from './subject.js';

// A child process of the durability tests: appends for ever to the lab `killed` of the store named by its arguments, and
// writes the revision of each append to its standard output once it is acknowledged.
const [engine, target = ''] = process.argv.slice(2);
const clock = systemClock();
const store = await (engine === 'redis'
  ? openRedisEventLogStore({ url: target, clock })
  : openSqliteEventLogStore({ dir: target, clock }));
const log = await store.open('killed');
let { last } = await log.load();
for (let index = 0; ; index += 1) {
  const lease = `lease-${String(index)}`;
  const appended = await log.append({
    expected: last,
    events: [bytes(String(index)), bytes('x'.repeat(100))],
    steps: [
      { kind: 'hold', bench: `bench-${String(index)}`, lease, event: 0 },
      { kind: 'remember', id: lease, value: lease, ttlMs: 3_600_000 },
    ],
  });
  if (appended.outcome !== 'committed') throw new Error(JSON.stringify(appended));
  last = appended.last;
  process.stdout.write(`${String(last)}\n`);
}
