import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireServer } from '@berth/testkit';
import test from 'ava';
import { berthdOf } from '../driver/engines.js';
import { runPage } from './page-commands.js';

const ROOT = join(import.meta.dirname, '../..');

/** What is left of ten servers, day by day. */
const LEFT = [9, 8, 7, 6, 5, 4, 4, 4, 4, 4, 4, 5, 6, 7, 8, 9, ...Array.from({ length: 16 }, () => 10)];

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
  'Inventory over HTTP': [/^\{"created":\[\],"updated":\["resource1"\],.*"dryRun":true\}\n/, /^updated: resource1$/m],
  'A look at the lab': [
    /^BENCHES {2}1: 0 held, 1 free, 0 out of service\n\nBENCH +LOCATION/m,
    /^resource1 +office1 /m,
    /^QUEUE {2}nobody waits$/m,
    /^POOLS {2}/m,
    /^LEAKS {2}/m,
  ],
  'Records: machines, addresses and further kinds': [
    /"hostname":"rack7-a","owner":"tony","state":"idle"/,
    /"_items":\[\{"hostname":"rack7-b"/,
    /"address":"192\.0\.2\.7","owner":"tony"/,
    /"_meta":\{"page":1,"max_results":3,"total":3\}/,
    /"_meta":\{"page":1,"max_results":10,"total":1\}/,
    /"hostname":"rack7-a","state":"in_use".*\}\n412\n428\n/,
    /"_issues":\{"state":"is \\"broken\\"; allowed are pxe, pxe_failed, idle/,
    /"_items":\[\{"_status":"ERR","_issues":\{\}\},\{"_status":"ERR","_issues":\{"hostname":"is missing/,
  ],
  'Capacity: resources, bookings and what is left': [
    new RegExp(
      `date,servers,memory,cores\n${LEFT.map((servers) => `2020-\\d\\d-\\d\\d,${String(servers)},0,0\n`).join('')}`,
    ),
    /\{"date":"2020-01-06","servers":6,"memory":0,"cores":0\},\{"date":"2020-01-07","servers":6/,
    /"servers":2,"memory":16,"cores":4,"template":"m1@1","count":2/,
    /"cores":20,"share":"20%"/,
    /"id":"default\/k8s".*"masterflavor":"m1@1","mastercount":1,"workerflavor":"m1@1","workercount":3/,
    /^2031-06-01,4,32,8,default\/k8s$/m,
    /\{"date":"2031-06-08","servers":10,"memory":272,"cores":68\}/,
    /"reason":"NO_CAPACITY".*"interval":\{"from":"2031-06-08T00:00:00\.000Z","until":"2031-06-15T00:00:00\.000Z"\}/,
    /"state":"PROVISIONAL","provisional":true/,
  ],
  'Tickets over XML-RPC': [/^ticket 1 has \d+\nclosed: True\n5 .*\[NO_SUCH_TICKET\]\n$/],
};

if (requireServer(test, 'curl') && requireServer(test, 'python3')) {
  test('the commands of the page of HTTP do what it says, as they stand', async (t) => {
    const berthd = await berthdOf(t, {
      inventory: readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8'),
      settings: { http: { listen: '127.0.0.1:0' } },
    });
    runPage(t, 'http.md', berthd.address, EXPECTED, berthd.http);
  });
}
