import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireServer, startBerthd } from '@berth/testkit';
import test from 'ava';
import { runPage } from './page-commands.js';

const ROOT = join(import.meta.dirname, '../..');

/** What the commands below a heading must print. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'What is there': [/^berth\.lease\.v1\.LeaseService$/m, /rpc Acquire/, /SERVING/, /"name": "resource1"/],
  'Take a bench': [/"granted"/, /"owner": "alice"/, /"fencingToken": "\d+"/, /"socket": "127\.0\.0\.1:4567"/],
  'Who holds what': [/"description": "soak test, ask alice"/, /"holder": "alice"/, /"current": true/],
  'The queue': [/"position": 1/, /"requestId": "bob-1"/, /"priority": 80/],
  Maintenance: [/CONDITION_STATE_MAINTENANCE/, /"reason": "new cable"/, /CONDITION_STATE_READY/],
  'Take a bench back': [/"revoked": true/],
  'Give a bench back': [/"released": true/],
  Probes: [/^ok$/m, /"status":"SERVING"/],
  Metrics: [/^berth_service_up\{service="berth\.lease\.v1\.LeaseService"\} 1$/m, /^berth_lease_leases 0$/m],
  Logs: [],
  Traces: [/"leases"/],
  'A limit of calls': [],
  'With buf curl': [/berth\.lease\.v1\.LeaseService\/Acquire/, /"granted"/],
};

if (requireServer(test, 'grpcurl')) {
  test('the commands of the operating page do what it says, as they stand', async (t) => {
    const inventory = readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8');
    const berthd = await startBerthd({ inventory, settings: { http: { listen: '127.0.0.1:0' } } });
    t.teardown(() => berthd.stop());
    runPage(t, 'operating.md', berthd.address, EXPECTED, berthd.http);
  });
}
