import { type Berth, connect } from '@berth/client';
import { berthCommandLine, type Berthd, closedAfter, startBerthd, startFaultProxy, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { type ChildProcess, spawn } from 'node:child_process';

const HOLDS = ['connection', 'ttl', 'manual'] as const;
type Hold = (typeof HOLDS)[number];

let berthd: Berthd;
test.before(async () => {
  const benches = ['run', 'acquire-ttl', 'acquire-manual', ...HOLDS.flatMap((hold) => [`node-${hold}`, `net-${hold}`])];
  const inventory = `pool: { name: benches, resources: { ${benches.map((name) => `${name}: {}`).join(', ')} } }`;
  berthd = await startBerthd({ inventory });
});
test.after.always(async () => {
  await berthd.stop();
});

function client(t: ExecutionContext, user: string, address = berthd.address): Berth {
  return closedAfter(t, connect({ address, user }));
}

/** Grants the bench to the one who waits and cannot listen, ends that lease, and gives the bench to carol. */
async function passOn(t: ExecutionContext, tony: Berth, bench: string, endLease: 'revoke' | 'expire'): Promise<void> {
  const [held] = (await tony.lease.listLeases({ bench })).leases;
  await tony.lease.release({ leaseId: held?.id ?? '' });
  const late = await until(
    async () => (await tony.lease.listLeases({ bench })).leases.find(({ id }) => id !== held?.id),
    {
      what: 'the grant to the waiter',
    },
  );
  if (endLease === 'revoke') await tony.lease.revoke({ leaseId: late.id, reason: 'a test' });
  await client(t, 'carol').acquire({ bench, hold: 'manual' });
}

async function untilWaiting(berth: Berth, bench: string): Promise<void> {
  await until(async () => (await berth.lease.listQueue({ bench })).requests.length > 0, {
    what: 'a waiter',
    timeoutMs: 60_000,
  });
}

/** Starts a waiter as a process, stops it, passes its bench on, and lets it go on. Gives what it said and its exit code. */
async function stoppedMeanwhile(
  t: ExecutionContext,
  bench: string,
  endLease: 'revoke' | 'expire',
  start: () => ChildProcess,
): Promise<{ code: number | null; output: string }> {
  const tony = client(t, 'tony');
  await tony.acquire({ bench, hold: 'manual' });
  const child = start();
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  await untilWaiting(tony, bench);
  child.kill('SIGSTOP');
  await passOn(t, tony, bench, endLease);
  child.kill('SIGCONT');
  return { code: await exited, output };
}

function startCommand(...args: string[]): ChildProcess {
  const [program, ...first] = berthCommandLine();
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', BERTH_ADDRESS: berthd.address, BERTH_USER: 'bob' };
  return spawn(program, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

const COMMANDS = [
  ['run', 'revoke', ['run', '--bench', 'run', '--', 'echo', 'flashing']],
  ['acquire-ttl', 'expire', ['acquire', '--bench', 'acquire-ttl', '--ttl', '1s']],
  ['acquire-manual', 'revoke', ['acquire', '--bench', 'acquire-manual', '--manual']],
] as const;

for (const [bench, endLease, args] of COMMANDS) {
  test.serial(
    `berth ${args.join(' ')}: stopped while it is granted the bench, it does not take it later`,
    async (t) => {
      const { code, output } = await stoppedMeanwhile(t, bench, endLease, () => startCommand(...args));
      t.is(code, 75, output);
      t.notRegex(output, /got /);
      t.notRegex(output, /^flashing/m);
      t.regex(output, /LEASE_LOST/);
    },
  );
}

for (const hold of HOLDS) {
  test.serial(
    `a program with a ${hold} lease: stopped while it is granted the bench, it does not take it later`,
    async (t) => {
      const bench = `node-${hold}`;
      const source = `
      import { connect } from '@berth/client';
      const berth = connect({ user: 'bob' });
      const lease = await berth.acquire({ bench: '${bench}', hold: '${hold}'${ttl(hold)} }).catch((error) => error);
      console.log(lease.reason ?? 'holds ' + lease.id);
      process.exit(0);`;
      const args = ['--import=tsx', '--conditions=@berth/source', '--input-type=module', '-e', source];
      const { output } = await stoppedMeanwhile(t, bench, hold === 'ttl' ? 'expire' : 'revoke', () =>
        spawn(process.execPath, args, {
          cwd: new URL('../../clients/ts', import.meta.url),
          env: { ...process.env, BERTH_ADDRESS: berthd.address },
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      );
      t.is(output, 'LEASE_LOST\n');
    },
  );

  test.serial(
    `a ${hold} lease whose grant the network held up until it was somebody else's is not taken`,
    async (t) => {
      const bench = `net-${hold}`;
      const proxy = await startFaultProxy(berthd.port);
      t.teardown(() => proxy.stop());
      const tony = client(t, 'tony');
      await tony.acquire({ bench, hold: 'manual' });
      const waiting = client(t, 'bob', proxy.address).acquire({ bench, hold, ...(hold === 'ttl' && { ttl: '1s' }) });
      // Its rejection may come before anybody waits for it.
      waiting.catch(() => undefined);
      await untilWaiting(tony, bench);
      proxy.stall();
      await passOn(t, tony, bench, hold === 'ttl' ? 'expire' : 'revoke');
      proxy.heal();
      const error = await t.throwsAsync(waiting);
      t.is((error as { reason?: string }).reason, 'LEASE_LOST');
    },
  );
}

function ttl(hold: Hold): string {
  return hold === 'ttl' ? ", ttl: '1s'" : '';
}
