import { berthCommandLine, type Berthd, startBerthd, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { existsSync } from 'node:fs';
import { connect } from '@berth/client';
import { berth, type BerthProcess, startBerth } from '../berth-process.fixture.js';

const LARGE = Array.from({ length: 12 }, (_, i) => `p${String(i)}: '${'x'.repeat(12_000)}'`);
const INVENTORY = `
pool:
  name: benches
  resources:
    resource1:
      attributes: [a, b]
      location: office1
      entities:
        programmer: { attributes: [c, d], properties: { socket: '127.0.0.1:1234' } }
        dut: { attributes: [e, f], properties: { socket: '127.0.0.1:4567' } }
    resource2: { attributes: [z], properties: { address: evil } }
    resource3: { attributes: [z] }
    resource4: { attributes: [k] }
    resource5: { attributes: [r] }
    resource6: { attributes: [t] }
    outer1: { attributes: [o], entities: { dut: { properties: { socket: 'outer:1' } } } }
    outer2: { attributes: [o] }
    inner: { properties: { x: '1' } }
    large: { properties: { ${LARGE.join(', ')} } }
`;

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd({ inventory: INVENTORY });
});
test.after.always(async () => {
  await berthd.stop();
});

function run(t: ExecutionContext, user: string, ...args: string[]): BerthProcess {
  return startBerth(t, { address: berthd.address, user }, ['run', ...args]);
}

async function holderOf(bench: string): Promise<string> {
  await using client = connect({ address: berthd.address });
  return (await client.inventory.getBench({ name: bench })).bench?.holder ?? '';
}

/** True while a process lives; a zombie that nobody has waited for does not. */
async function lives(pid: number): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  return status !== '' && !status.includes(') Z ');
}

test.serial(
  'the command finds bench, token and properties, stdout is its own, and the bench is free afterwards',
  async (t) => {
    const query = 'location=office1&attributes=[a]&entity_properties=[[c],[e]]';
    const { code, stdout, stderr } = await berth(t, { address: berthd.address }, 'run', '--query', query, '--', 'env');
    t.is(code, 0, stderr);
    t.regex(stdout, /^BERTH_BENCH=resource1$/m);
    t.regex(stdout, /^BERTH_FENCING_TOKEN=\d{16}$/m);
    t.regex(stdout, /^BERTH_DUT_SOCKET=127\.0\.0\.1:4567$/m);
    t.notRegex(stdout, /got resource1/);
    t.regex(stderr, /berth: got resource1 \(lease ls-/);
    t.is(await holderOf('resource1'), '');
  },
);

test.serial("the exit code is the command's own, or 128 + the signal that ended it", async (t) => {
  const there = { address: berthd.address };
  t.is((await berth(t, there, 'run', '--bench', 'resource1', '--', 'sh', '-c', 'exit 7')).code, 7);
  t.is((await berth(t, there, 'run', '--bench', 'resource1', '--', 'sh', '-c', 'kill -TERM $$')).code, 143);
});

test.serial('a second one waits at place 1, says who holds since when, and runs when the first ends', async (t) => {
  const first = run(
    t,
    'tony',
    '--bench',
    'resource1',
    '--desc',
    'nightly',
    '--',
    'sh',
    '-c',
    'read -r line < /dev/stdin; sleep 60',
  );
  await first.says(/got resource1/);
  const second = run(t, 'ann', '--bench', 'resource1', '--', 'echo', 'mine');
  await second.says(/place 1.*resource1 {2}held by tony since \d\d:\d\d \(\d+s\): nightly/);
  first.child.kill('SIGTERM');
  t.is(await first.exited, 143);
  t.is(await second.exited, 0);
  t.is(second.stdout, 'mine\n');
});

test.serial('places are told as JSON, one object a line, and a better priority goes first', async (t) => {
  const first = run(t, 'tony', '--bench', 'resource1', '--', 'sleep', '60');
  await first.says(/got resource1/);
  const second = run(t, 'ann', '-o', 'json', '--bench', 'resource1', '--', 'echo', 'second');
  await second.says(/"position":1/);
  const third = run(t, 'eve', '--bench', 'resource1', '--priority', '90', '--', 'sh', '-c', 'echo third; sleep 60');
  await second.says(/"position":2/);
  first.child.kill('SIGTERM');
  await third.says(/got resource1/);
  const lines = second.stderr.trim().split('\n');
  t.deepEqual([...new Set(lines.map((line) => (JSON.parse(line) as { event: string }).event))], ['queued']);
  third.child.kill('SIGTERM');
  t.is(await second.exited, 0);
});

test.serial('a wrapper that is killed with SIGKILL frees the bench, and its command is ended', async (t) => {
  const script = 'echo $$; exec sleep 60';
  const first = run(t, 'tony', '--bench', 'resource4', '--', 'sh', '-c', script);
  const pid = Number(await until(() => /^\d+\n/.exec(first.stdout)?.[0], { what: 'the command to start' }));
  t.true(await lives(pid));
  first.child.kill('SIGKILL');
  await until(async () => (await holderOf('resource4')) === '', { what: 'the bench to be free' });
  await until(async () => !(await lives(pid)), { what: 'the command to end' });
  t.is(
    (await berth(t, { address: berthd.address }, 'run', '--bench', 'resource4', '--wait', '0', '--', 'true')).code,
    0,
  );
});

test.serial('a revoked lease ends the command, and says who did it and why', async (t) => {
  const holder = run(
    t,
    'tony',
    '--bench',
    'resource5',
    '--',
    'sh',
    '-c',
    'trap "echo told; exit 3" TERM; echo up; while :; do sleep 0.05; done',
  );
  await until(() => holder.stdout.includes('up'), { what: 'the command to start' });
  const there = { address: berthd.address, user: 'bob' };
  t.is((await berth(t, there, 'revoke', 'resource5', '--reason', 'the relay burns')).code, 0);
  t.is(await holder.exited, 3);
  t.regex(holder.stdout, /told/);
  t.regex(holder.stderr, /was revoked by bob: the relay burns; the command is told to stop/);
});

test.serial('several benches have numbers, and a property cannot redirect the command', async (t) => {
  const { code, stdout, stderr } = await berth(
    t,
    { address: berthd.address },
    'run',
    '--attr',
    'z',
    '--count',
    '2',
    '--',
    'env',
  );
  t.is(code, 0, stderr);
  const names = /^BERTH_BENCHES=(.*)$/m.exec(stdout)?.[1]?.split(',') ?? [];
  t.deepEqual([...names].sort(), ['resource2', 'resource3']);
  t.true(stdout.includes(`BERTH_2_BENCH=${names[1] ?? '?'}\n`));
  t.true(stdout.includes(`BERTH_ADDRESS=${berthd.address}\n`));
  t.regex(stderr, /address has no variable of its own/);
});

test.serial('busy and waited in vain are 75, interrupted is 130, and neither starts the command', async (t) => {
  const holder = run(t, 'tony', '--bench', 'resource6', '--', 'sleep', '60');
  await holder.says(/got resource6/);
  const there = { address: berthd.address };
  const busy = await berth(t, there, 'run', '--bench', 'resource6', '--wait', '0', '--', 'echo', 'ran');
  t.is(busy.code, 75);
  t.regex(busy.stderr, /tony.*\[BENCH_BUSY\]\n(.*\n)* {2}next: wait for it/);
  const late = await berth(t, there, 'run', '--bench', 'resource6', '--wait', '300ms', '--', 'echo', 'ran');
  t.is(late.code, 75);
  t.regex(late.stderr, /\[WAIT_TIMEOUT\]/);
  const waiting = run(t, 'ann', '--bench', 'resource6', '--', 'echo', 'ran');
  await waiting.says(/place 1/);
  waiting.child.kill('SIGINT');
  t.is(await waiting.exited, 130);
  t.is(busy.stdout + late.stdout + waiting.stdout, '');
  await using client = connect({ address: berthd.address });
  await until(async () => (await client.lease.listQueue({})).waiting === 0, { what: 'the queue to be empty' });
});

test.serial("a berth run within another has nothing of the outer's benches", async (t) => {
  const inner = [...berthCommandLine(), 'run', '--bench', 'inner', '--', 'env'];
  const outer = await berth(t, { address: berthd.address }, 'run', '--attr', 'o', '--count', '2', '--', ...inner);
  t.is(outer.code, 0, outer.stderr);
  const names = [...outer.stdout.matchAll(/^(BERTH_\w+)=/gm)].map(([, name]) => name ?? '').sort();
  const own = ['BENCH', 'BENCHES', 'BENCH_JSON', 'FENCING_TOKEN', 'LEASE_ID', 'VARIABLES', 'X'];
  t.deepEqual(names, [...own, 'ADDRESS', 'USER'].map((name) => `BERTH_${name}`).sort());
  t.regex(outer.stdout, /^BERTH_BENCH=inner$/m);
});

test.serial('a bench that is too large for a variable is found in a file, which is gone afterwards', async (t) => {
  const print = 'const { BERTH_BENCH_FILE: f } = process.env; console.log(f); console.log(fs.readFileSync(f, "utf8"))';
  const there = { address: berthd.address };
  const run = await berth(t, there, 'run', '--bench', 'large', '--', process.execPath, '-e', print);
  t.is(run.code, 0, run.stderr);
  t.regex(run.stderr, /berth: a bench is too large for a variable: it is in the file BERTH_BENCH_FILE/);
  const [path = '', text = ''] = run.stdout.split('\n');
  t.is((JSON.parse(text) as { properties: Record<string, string> }).properties['p11'], 'x'.repeat(12_000));
  t.false(existsSync(path));
});

test.serial('what cannot be run is refused before the wait', async (t) => {
  for (const file of ['', '/tmp']) {
    const refused = await berth(t, { address: '127.0.0.1:1' }, 'run', '--bench', 'inner', '--', file);
    t.is(refused.code, 64);
    t.regex(refused.stderr, /cannot be run: .*\n {2}next: check the command after --/);
  }
});
