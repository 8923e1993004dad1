import { tmpdir } from 'node:os';
import type { Berthd } from '@berth/testkit';
import { requireServer, startBerthd } from '@berth/testkit';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { runProgram } from '../driver/run-program.js';

const REQUEST = JSON.stringify({
  requirements: [{ bench: 'b1' }],
  hold: 'HOLD_MODE_TTL',
  ttl: '60s',
  request_id: 'by-hand',
});
const ACQUIRE = 'berth.lease.v1.LeaseService/Acquire';
const SERVICES = ['berth.lease.v1.InventoryService', 'berth.lease.v1.LeaseService', 'grpc.health.v1.Health'];

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd({ inventory: inventoryOf(1) });
});
test.after.always(() => berthd.stop());

/** buf looks for a module in its folder: this one has none, so all it knows comes by reflection. */
async function bufCurl(...args: string[]): Promise<string> {
  const rest = ['--protocol', 'grpc', '--http2-prior-knowledge', ...args];
  const { code, stdout, stderr } = await runProgram('sh', [
    '-c',
    `cd ${tmpdir()} && exec buf curl "$@"`,
    'buf',
    ...rest,
  ]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

test('buf curl lists the methods and runs Acquire as a stream, with no proto file', async (t) => {
  const url = `http://${berthd.address}`;
  const methods = await bufCurl('--list-methods', url);
  t.true(methods.includes(ACQUIRE), methods);
  const stream = await bufCurl('-d', REQUEST, `${url}/${ACQUIRE}`);
  t.regex(stream, /"granted"/);
  t.regex(stream, /"fencingToken": *"\d+"/);
});

if (requireServer(test, 'grpcurl')) {
  const grpcurl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runProgram('grpcurl', ['-plaintext', ...args]);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };

  test('grpcurl lists and describes the services with their comments, with no proto file', async (t) => {
    const services = (await grpcurl(berthd.address, 'list')).trim().split('\n');
    for (const service of SERVICES) t.true(services.includes(service), service);
    t.regex(
      await grpcurl(berthd.address, 'describe', 'berth.lease.v1.LeaseService'),
      /rpc Acquire \( .*AcquireRequest \) returns \( stream/,
    );
    t.regex(await grpcurl(berthd.address, 'describe', '.berth.lease.v1.AcquireRequest'), /Makes the call repeatable/);
  });

  test('grpcurl runs Acquire as a stream', async (t) => {
    const stream = await grpcurl('-d', REQUEST, berthd.address, ACQUIRE);
    t.regex(stream, /"granted"/);
    t.regex(stream, /"requestId": "by-hand"/);
  });
}
