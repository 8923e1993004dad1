import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireServer, startBerthd } from '@berth/testkit';
import test from 'ava';
import { runPage } from './page-commands.js';

const ROOT = join(import.meta.dirname, '../..');

/** What the commands below a heading must print. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'A first call': [/^(\{"benches":\[\{"name":"resource1".*\n){3}$/],
  Requests: [
    /"state":"CONDITION_STATE_MAINTENANCE","reason":"new cable"/,
    /"state":"CONDITION_STATE_READY"/,
    /"labels":\{"rack":"7"\}/,
  ],
  'Answers that go on': [
    /^\{"result":\{"granted":\{.*"ttl":"60s"/m,
    /^data: \{"result":\{"granted":\{.*\}\n\nevent: end\ndata: \{\}\n\n/m,
    /^\{"result":\{"leaseId":"\S+","remaining":"[\d.]+s","errorReason":""/m,
    /^\{"released":true\}$/m,
  ],
  Errors: [
    /"reason":"NO_SUCH_BENCH".*\n404$/m,
    /did you mean 'page_size'.*\n400$/m,
    /line 1, column 9.*\n400$/m,
    /did you mean '\/v1\/benches'.*\n404$/m,
  ],
  'Who calls': [/"name":"alice"/],
  OpenAPI: [/^200 application\/json/],
  'Locks with curl': [/^\{"event":"granted"/m, /^testing resource1 at 127\.0\.0\.1:4567$/m],
  'Inventory over HTTP': [/./],
  'A look at the lab': [/resource1/],
  'Records: machines, addresses and further kinds': [/rack7-a/],
  'Capacity: resources, bookings and what is left': [/2020-01-05/],
};

if (requireServer(test, 'curl')) {
  test('the commands of the page of HTTP do what it says, as they stand', async (t) => {
    const berthd = await startBerthd({
      inventory: readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8'),
      settings: { http: { listen: '127.0.0.1:0' } },
    });
    t.teardown(() => berthd.stop());
    runPage(t, 'http.md', berthd.address, EXPECTED, berthd.http);
  });
}
