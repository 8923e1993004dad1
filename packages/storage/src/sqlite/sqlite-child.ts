import { systemClock } from '@berth/kernel';
import { bytes } from '../event-log/conformance/subject.js';
import { openSqliteEventLogStore } from './sqlite-event-log-store.js';

// A child process of the tests of disk and lock: opens the data directory named by its argument, then appends to the lab
// `child` for ever. Writes `open`, `ok <its number>` for each append, and `failed <reason>` for an append or ping that fails, to its standard output.
process.on('SIGXFSZ', () => undefined);
const clock = systemClock();
const store = await openSqliteEventLogStore({ dir: process.argv[2] ?? '', clock });
const log = await store.open('child');
process.stdout.write('open\n');
for (let index = 0; ; index += 1) {
  const hold = { kind: 'hold', bench: `bench-${String(index)}`, lease: 'l', event: 0 } as const;
  try {
    const { last } = await log.load();
    const result = await log.append({ expected: last, events: [bytes(String(index))], steps: [hold] });
    process.stdout.write(result.outcome === 'committed' ? `ok ${String(index)}\n` : `failed ${result.outcome}\n`);
    await store.ping();
  } catch (error) {
    process.stdout.write(`failed ${(error as { reason?: string }).reason ?? String(error)}\n`);
  }
  await new Promise<void>((resolve) => {
    clock.after(1, resolve);
  });
}
