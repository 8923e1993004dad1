import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBerthd } from '@berth/testkit';
import test from 'ava';
import { runPage } from './page-commands.js';

const ROOT = join(import.meta.dirname, '../..');

/** What is left of ten servers, day by day. */
const LEFT = [9, 8, 7, 6, 5, 4, 4, 4, 4, 4, 4, 5, 6, 7, 8, 9, ...Array.from({ length: 16 }, () => 10)];

function csv(name: string, from: string, values: readonly number[]): string {
  const first = Date.parse(`${from}T00:00:00Z`);
  const rows = values.map(
    (value, i) => `${new Date(first + i * 86_400_000).toISOString().slice(0, 10)},${String(value)}\n`,
  );
  return `start,${name}\n${rows.join('')}`;
}

/** What the commands below a heading must print. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'The first booking': [
    /^gr-\S+ is granted$/m,
    /^small@1 is made$/m,
    /^bk-\S+ is booked: 2031-06-08 00:00 – 2031-06-15 00:00$/m,
    /^bk-\S+ +booked .* 8 cores +2031-06-08 00:00 – 2031-06-15 00:00 +load test$/m,
    /^bk-\S+ +booked .* 3 × small@1 +2031-06-10 00:00 – 2031-06-12 00:00$/m,
  ],
  'What is left': [new RegExp(`^${csv('servers', '2020-01-01', LEFT)}`, 'm'), /^2031-06-10 +.*86\/100/m],
  'When it does not fit': [
    /^exit 75$/m,
    /^2031-06-15 00:00 – 2031-06-17 00:00/m,
    /^bk-\S+ is provisional: /m,
    /^bk-\S+ +provisional .*3 cores too little on default/m,
  ],
  Clusters: [
    new RegExp(`^${csv('cores', '2031-06-08', [16, 16, 16, 16, 24, 24, 24])}`, 'm'),
    /^2031-06-12 00:00 – 2031-07-01 00:00 +30 cores/m,
    /^default\/bk-\S+ +open/m,
  ],
  'Again and again': [/^bk-\S+ +booked .* 4 cores .*Mondays$/m],
  Holds: [/^bk-\S+ is booked: 2031-08-01 00:00 – 2031-08-04 00:00$/m, /^bk-\S+ is cancelled$/m],
  Benches: [/^takes +resource1 of lab\/default, /m, /^bk-\S+ is cancelled$/m],
  Maintenance: [/^gr-\S+ is maintenance$/m, /^bk-\S+ +booked, degraded .* 8 cores/m],
  'From a program': [],
};

test('the commands of the page of bookings do what it says, as they stand', async (t) => {
  const { TZ } = process.env;
  process.env['TZ'] = 'UTC';
  t.teardown(() => {
    if (TZ === undefined) delete process.env['TZ'];
    else process.env['TZ'] = TZ;
  });
  const berthd = await startBerthd({ inventory: readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8') });
  t.teardown(() => berthd.stop());
  runPage(t, 'booking.md', berthd.address, EXPECTED);
});
