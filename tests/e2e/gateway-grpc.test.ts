import { tmpdir } from 'node:os';
import { requireServer, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { BehindGateway } from '../driver/behind-gateway.js';
import { callsIn, startBehindGateway } from '../driver/behind-gateway.js';
import { inventoryOf } from '../driver/benches.js';
import type { ProgramResult } from '../driver/run-program.js';
import { runProgram, startProgram } from '../driver/run-program.js';

const LEASES = 'berth.lease.v1.LeaseService';
const ACQUIRE = `${LEASES}/Acquire`;
const SERVICES = [
  'berth.booking.v1.BookingService',
  'berth.booking.v1.CapacityService',
  'berth.identity.v1.IdentityService',
  'berth.lease.v1.InventoryService',
  'berth.lease.v1.LeaseService',
  'berth.pool.v1.PoolService',
  'berth.tracker.v1.AllocationService',
  'berth.tracker.v1.RecordService',
  'grpc.health.v1.Health',
];

function grpcurl(
  { gateway }: BehindGateway,
  method: string,
  request: object = {},
  ...flags: string[]
): Promise<ProgramResult> {
  return runProgram('grpcurl', ['-plaintext', ...flags, '-d', JSON.stringify(request), gateway.address, method]);
}

/** A program that goes on until it is ended. */
function start(t: ExecutionContext, program: string, args: readonly string[]): ReturnType<typeof startProgram> {
  const running = startProgram(program, args);
  t.teardown(() => running.child.kill('SIGKILL'));
  return running;
}

function bench(name: string, rest: object = {}): object {
  return { requirements: [{ bench: name }], ...rest };
}

if (requireServer(test, 'grpcurl')) {
  test('grpcurl lists, describes and calls through the gateway, with no proto file', async (t) => {
    const lab = await startBehindGateway(t, { inventory: inventoryOf(2) });
    const { address } = lab.gateway;
    const list = await runProgram('grpcurl', ['-plaintext', address, 'list']);
    t.deepEqual(list.stdout.trim().split('\n'), SERVICES);
    const described = await runProgram('grpcurl', ['-plaintext', address, 'describe', `${LEASES}.Acquire`]);
    t.regex(described.stdout, /returns \( stream \.berth\.lease\.v1\.AcquireResponse \)/);
    const benches = await grpcurl(lab, 'berth.lease.v1.InventoryService/ListBenches');
    t.deepEqual(
      (JSON.parse(benches.stdout) as { benches: { name: string }[] }).benches.map(({ name }) => name),
      ['b1', 'b2'],
    );
    const who = await grpcurl(lab, 'berth.identity.v1.IdentityService/WhoAmI', {}, '-H', 'berth-user: ann');
    t.like(JSON.parse(who.stdout), { name: 'ann', via: 'open' });
    const health = await grpcurl(lab, 'grpc.health.v1.Health/Check', { service: LEASES });
    t.deepEqual(JSON.parse(health.stdout), { status: 'SERVING' });
  });

  test('a deadline and a cancel reach the role, and errors come back with their details', async (t) => {
    const lab = await startBehindGateway(t, { inventory: inventoryOf(1) });
    const holder = start(t, 'grpcurl', ['-plaintext', '-d', JSON.stringify(bench('b1')), lab.gateway.address, ACQUIRE]);
    await until(() => holder.stdout().includes('granted'), { what: 'a grant', timeoutMs: 30_000 });
    const late = await grpcurl(lab, ACQUIRE, bench('b1'), '-max-time', '1');
    t.regex(late.stderr, /DeadlineExceeded/);
    await until(
      () => callsIn(lab.roles, `/${ACQUIRE}`).some(({ code }) => code === 'DEADLINE_EXCEEDED' || code === 'CANCELLED'),
      {
        what: 'the role to see the deadline',
        timeoutMs: 30_000,
      },
    );
    const busy = await grpcurl(lab, ACQUIRE, bench('b1', { waitTimeout: '0s' }));
    t.regex(busy.stderr, /ResourceExhausted/);
    t.regex(busy.stderr, /BENCH_BUSY/);
    t.regex(busy.stderr, /google\.rpc\.ResourceInfo/);
    const before = callsIn(lab.roles, `/${ACQUIRE}`).length;
    holder.child.kill('SIGINT');
    await until(() => callsIn(lab.roles, `/${ACQUIRE}`).length > before, {
      what: 'the role to see the end',
      timeoutMs: 30_000,
    });
    const next = await grpcurl(lab, ACQUIRE, bench('b1', { hold: 'HOLD_MODE_TTL', ttl: '5s', waitTimeout: '5s' }));
    t.regex(next.stdout, /"granted"/);
  });

  test('KeepAlive passes both ways, with half-close; metadata may be binary', async (t) => {
    const lab = await startBehindGateway(t, { inventory: inventoryOf(1) });
    const name = Buffer.from('jörg').toString('base64');
    const caller = ['-H', `berth-user-bin: ${name}`];
    const grant = await grpcurl(lab, ACQUIRE, bench('b1', { hold: 'HOLD_MODE_TTL', ttl: '60s' }), ...caller);
    const { granted } = JSON.parse(grant.stdout) as { granted: { lease: { id: string; owner: string } } };
    t.is(granted.lease.owner, 'jörg');
    const alive = start(t, 'grpcurl', ['-plaintext', ...caller, '-d', '@', lab.gateway.address, `${LEASES}/KeepAlive`]);
    const one = JSON.stringify({ leaseId: granted.lease.id });
    for (let i = 1; i <= 3; i += 1) {
      alive.child.stdin?.write(one);
      await until(() => alive.stdout().split('"remaining"').length > i, {
        what: `answer ${String(i)}`,
        timeoutMs: 30_000,
      });
    }
    alive.child.stdin?.end();
    t.is(await alive.code, 0, alive.stderr());
  });

  test('a request of 10 MB is refused by the role, by size and reason', async (t) => {
    const lab = await startBehindGateway(t, { inventory: inventoryOf(1) });
    const request = JSON.stringify(bench('b1', { description: 'y'.repeat(10_000_000) }));
    const call = start(t, 'grpcurl', ['-plaintext', '-d', '@', lab.gateway.address, ACQUIRE]);
    call.child.stdin?.end(request);
    t.not(await call.code, 0);
    t.regex(call.stderr(), /ResourceExhausted/);
    t.regex(call.stderr(), /MESSAGE_TOO_LARGE/);
    t.regex(call.stderr(), /at most 1048576 are taken/);
    // The connection is not harmed by it, nor is anybody else.
    t.is((await grpcurl(lab, 'berth.lease.v1.InventoryService/ListBenches')).code, 0);
  });
}

/** buf looks for a module in its folder: this one has none, so all it knows comes by reflection. */
async function bufCurl(...args: string[]): Promise<string> {
  const rest = ['--protocol', 'grpc', '--http2-prior-knowledge', ...args];
  const result = await runProgram('sh', ['-c', `cd ${tmpdir()} && exec buf curl "$@"`, 'buf', ...rest]);
  if (result.code !== 0) throw new Error(result.stderr);
  return result.stdout;
}

test('buf curl lists the methods, calls, streams and sees errors through the gateway', async (t) => {
  const lab = await startBehindGateway(t, { inventory: inventoryOf(1) });
  const url = `http://${lab.gateway.address}`;
  const methods = await bufCurl('--list-methods', url);
  t.true(methods.includes(ACQUIRE), methods);
  const stream = await bufCurl(
    '-d',
    JSON.stringify(bench('b1', { hold: 'HOLD_MODE_TTL', ttl: '60s' })),
    `${url}/${ACQUIRE}`,
  );
  t.regex(stream, /"granted"/);
  const benches = await bufCurl('-d', '{}', `${url}/berth.lease.v1.InventoryService/ListBenches`);
  t.regex(benches, /"b1"/);
  const busy = await t.throwsAsync(
    bufCurl('-d', JSON.stringify(bench('b1', { waitTimeout: '0s' })), `${url}/${ACQUIRE}`),
  );
  t.regex(busy.message, /"resource_exhausted"/);
  t.regex(busy.message, /google\.rpc\.ErrorInfo/);
  t.regex(busy.message, /'b1' is held by anonymous/);
});
