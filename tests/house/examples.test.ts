import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@berth/client';
import { startBerthd } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

const QUERY = 'location=office1&attributes=[a]&entity_properties=[[c],[e]]';

/** The address of a server with this file of examples/ as its inventory. */
async function serve(t: ExecutionContext, inventory: string): Promise<string> {
  const berthd = await startBerthd({ inventory: readFileSync(join(ROOT, 'examples', inventory), 'utf8') });
  t.teardown(() => berthd.stop());
  return berthd.address;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[], address: string): Promise<Ended> {
  const env = { ...process.env, BERTH_ADDRESS: address };
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (output += String(chunk)));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

const RUNNER = ['--import=tsx', '--conditions=@berth/source', 'examples/ci-runner.ts'];

test('the larger lab has 12 benches in 3 locations', async (t) => {
  const address = await serve(t, 'lab.yaml');
  await using berth = connect({ address });
  const { benches } = await berth.inventory.listBenches({});
  t.is(benches.length, 12);
  t.deepEqual([...new Set(benches.map(({ location }) => location))].sort(), ['lab', 'office1', 'office2']);
  await using lease = await berth.acquire({ query: 'attributes=[arm64]', wait: 0 });
  t.regex(lease.benches[0].name, /^rack-/, 'the weight of arm64 makes the rack go before the desks');
});

test('the smaller inventory is the one that the documentation shows', (t) => {
  const shown = readFileSync(join(ROOT, 'docs/inventory.md'), 'utf8');
  t.true(shown.includes(readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8')));
});

test('the CI job runs its command with a bench and gives it back', async (t) => {
  const address = await serve(t, 'inventory.yaml');
  const job = await run('examples/ci-job.sh', [QUERY], address);
  t.is(job.code, 0, job.output);
  t.regex(job.output, /testing on resource1 at 127\.0\.0\.1:4567/);
  const failing = await run('examples/ci-job.sh', [QUERY, '--', 'sh', '-c', 'exit 3'], address);
  t.is(failing.code, 3, failing.output);
  await using berth = connect({ address });
  t.is((await berth.lease.listLeases({})).leases.length, 0);
});

test('the script of the tracker runs as it stands, and leaves nothing live behind but what it says', async (t) => {
  const address = await serve(t, 'inventory.yaml');
  const { code, output } = await run('examples/tracker.sh', [], address);
  t.is(code, 0, output);
  t.regex(output, /making volume al-\S+ …/);
  t.regex(output, /that failed, and is recorded so/);
  t.regex(output, /machine-\d+ has 10\.17\.0\.1$/m);
  t.regex(output, /machine-\d+ is deleted/);
});

test('a script for resalloc works with what a pool makes, and gives it back however its command ends', async (t) => {
  const berthd = await startBerthd({ settings: { pool: { file: join(ROOT, 'examples/pools.yaml') } } });
  t.teardown(() => berthd.stop());
  const { code, output } = await run('examples/resalloc.sh', ['sh', '-c', 'echo got $RESOURCE'], berthd.address);
  t.is(code, 0, output);
  t.regex(output, /^waiting for ticket 1$/m);
  t.regex(output, /^got \d+$/m);
  const failing = await run('examples/resalloc.sh', ['sh', '-c', 'exit 3'], berthd.address);
  t.is(failing.code, 3, failing.output);
  t.is((await run('examples/resalloc.sh', [], berthd.address)).code, 64);
  await using berth = connect({ address: berthd.address });
  t.deepEqual((await berth.pools.listTickets({})).tickets, []);
});

test('the script of bookings runs as it stands, and leaves nothing booked behind', async (t) => {
  const address = await serve(t, 'inventory.yaml');
  const { code, output } = await run('examples/booking.sh', [], address);
  t.is(code, 0, output);
  t.regex(output, /^takes +20 % \(14 cores, 57 memory\) of default\/spark-\d+/m);
  t.regex(output, /^bk-\S+ +booked .* resource1 .*a week of a bench$/m);
  t.regex(output, /^that does not fit$/m);
  await using berth = connect({ address });
  t.is((await berth.bookings.listBookings({})).bookings.length, 0);
});

test('the CI runner waits for its turn, runs its command and gives the bench back', async (t) => {
  const address = await serve(t, 'inventory.yaml');
  await using berth = connect({ address, user: 'somebody' });
  const first = await berth.acquire({ query: QUERY });
  const ended = run(process.execPath, [...RUNNER, QUERY, '--', 'sh', '-c', 'echo on $BERTH_BENCH; exit 4'], address);
  for await (const { changes } of berth.watch()) if (changes.some(({ kind }) => kind?.$case === 'requestPut')) break;
  await first.release();
  const { code, output } = await ended;
  t.is(code, 4, output);
  t.regex(output, /position 1 of 1; resource1: somebody/);
  t.regex(output, /^on resource1$/m);
  t.is((await berth.lease.listLeases({})).leases.length, 0);
});

test('the CI runner stops its command when the bench is revoked', async (t) => {
  const address = await serve(t, 'inventory.yaml');
  await using berth = connect({ address });
  const ended = run(process.execPath, [...RUNNER, QUERY, '--', 'sleep', '600'], address);
  for await (const { changes } of berth.watch()) {
    const granted = changes.map(({ kind }) => (kind?.$case === 'leasePut' ? kind.value : undefined)).find(Boolean);
    if (granted === undefined) continue;
    await berth.lease.revoke({ leaseId: granted.id, reason: 'needed elsewhere' });
    break;
  }
  const { code, output } = await ended;
  t.is(code, 70, output);
  t.regex(output, /needed elsewhere/);
});
