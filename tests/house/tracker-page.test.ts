import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireServer, startBerthd } from '@berth/testkit';
import test from 'ava';
import { runPage } from './page-commands.js';

const ROOT = join(import.meta.dirname, '../..');

/** What the commands below a heading must print. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  Allocations: [
    /is allocated/,
    /is released/,
    /is allocated, delete failed/,
    /^making volume al-/m,
    /ALLOCATION_STATE_ALLOCATED/,
    /"externalId": "b-18"/,
  ],
  Leaks: [
    /"unknown": 2/,
    /L5-\S+ +L5 +vm +i-0abc/,
    /LEAK_RULE_UNKNOWN_HERE/,
    /is acknowledged until/,
    /tony looks after it/,
  ],
  Collection: [/mark +al-\S+ +L1 +vm/, /mark +al-\S+ +DONE/],
  Records: [/my-machine is created/, /state +idle/, /"state": "idle"/, /10\.17\.0\.1/, /my-machine is deleted/],
  Kinds: [/^racks +name/m, /room +string +north, south/, /r7 is created/],
  'History and usage': [/^resource1 .*flash 4\.2$/m, /OWNER +BENCH/, /"utilisation"/],
  'In a cluster': [/replicaSet=rs0/],
};

if (requireServer(test, 'grpcurl')) {
  test('the commands of the tracker page do what it says, as they stand', async (t) => {
    const berthd = await startBerthd({
      inventory: readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8'),
      settings: { tracker: { kindsFile: join(ROOT, 'examples/kinds.yaml'), sweepMs: 100 } },
    });
    t.teardown(() => berthd.stop());
    runPage(t, 'tracker.md', berthd.address, EXPECTED);
  });
}
