import { execFileSync } from 'node:child_process';
import { connect } from '@berth/client';
import { berthCommandLine, type Berthd, startBerthd } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berth, startBerth } from '../berth-process.fixture.js';

const INVENTORY = `
pool:
  name: benches
  resources:
    resource1: { attributes: [a], location: office1, properties: { host: h1 } }
    resource2: { attributes: [b] }
`;

let berthd: Berthd;
test.beforeEach(async () => {
  berthd = await startBerthd({ inventory: INVENTORY });
});
test.afterEach.always(async () => {
  await berthd.stop();
});

async function ok(t: ExecutionContext, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await berth(t, { address: berthd.address, user: 'tony' }, ...args);
  t.is(code, 0, `berth ${args.join(' ')}: ${stderr}`);
  return stdout;
}

test.serial('a lease from acquire to release: listed, renewed, extended, checked, transferred', async (t) => {
  t.is(await ok(t, 'ls'), '');
  t.regex(
    await ok(t, 'acquire', '--bench', 'resource1', '--ttl', '10m', '--max', '1h', '--desc', 'boot loader'),
    /got resource1/,
  );
  t.regex(await ok(t, 'ls'), /BENCH .*\nresource1 +tony +\d\d:\d\d \(\d+s\) .*ttl +ls-\w+ +boot loader/);
  const [lease] = JSON.parse(await ok(t, 'ls', '-o', 'json')) as { id: string; fencingToken: number; ttl: string }[];
  t.is(lease?.ttl, '600s');
  t.is(await ok(t, 'ls', '-q'), `${lease?.id ?? ''}\n`);
  t.regex(await ok(t, 'renew', 'resource1'), /resource1 is yours for (9|10)m/);
  t.regex(await ok(t, 'extend', 'resource1', '2h'), /ends at the latest at .*\(in (2h|1h 59m)\)/);
  t.regex(await ok(t, 'check-token', 'resource1', String(lease?.fencingToken)), /^current: tony holds resource1/);
  t.regex(await ok(t, 'transfer', 'resource1', 'ann'), /resource1 is ann's now/);
  const old = await berth(t, { address: berthd.address }, 'check-token', 'resource1', String(lease?.fencingToken));
  t.is(old.code, 1);
  t.regex(old.stdout, /not the current token of resource1: ann holds it/);
  t.regex(await ok(t, 'release', 'resource1', '--role', 'operator'), /released resource1/);
  t.is(await ok(t, 'ls'), '');
});

test.serial('a bench with a name like the id of a lease is released by name; what never was is an error', async (t) => {
  await ok(t, 'bench', 'create', 'ls-1046a-01');
  await ok(t, 'acquire', '--bench', 'ls-1046a-01', '--manual');
  t.regex(await ok(t, 'release', 'ls-1046a-01'), /^released ls-1046a-01 \(ls-\w{16}\)\n$/);
  const free = await berth(t, { address: berthd.address, user: 'tony' }, 'release', 'ls-1046a-01');
  t.is(free.code, 1);
  t.regex(free.stderr, /nobody holds ls-1046a-01 \[NO_SUCH_LEASE\]/);
  const never = await berth(t, { address: berthd.address, user: 'tony' }, 'release', 'ls-0123456789abcdef');
  t.is(never.code, 1);
  t.regex(never.stderr, /'ls-0123456789abcdef' is not in force/);
  const id = (await ok(t, 'acquire', '--bench', 'resource1', '--manual', '-q')).trim();
  t.is(await ok(t, 'release', id), `released resource1 (${id})\n`);
  t.is(await ok(t, 'release', id), `${id} had ended before\n`);
});

test.serial('a lease whose id is also the name of a bench is released, and that is said', async (t) => {
  const id = (await ok(t, 'acquire', '--bench', 'resource1', '--manual', '-q')).trim();
  await ok(t, 'bench', 'create', id);
  const other = (await ok(t, 'acquire', '--bench', id, '--manual', '-q')).trim();
  const { code, stdout, stderr } = await berth(t, { address: berthd.address, user: 'tony' }, 'release', id);
  t.is(code, 0);
  t.is(stdout, `released resource1 (${id})\n`);
  t.is(stderr, `berth: ${id} is taken for the lease; the bench of this name is held with lease ${other}\n`);
});

test.serial("others' text is shown with what is hidden in it, and exact as JSON", async (t) => {
  await ok(t, 'maintenance', 'on', 'resource1', '--reason', 'relay\u202eyaler');
  const there = { address: berthd.address, user: 'tony' };
  const refused = await berth(t, there, 'run', '--bench', 'resource1', '--wait', '0', '--', 'true');
  t.is(refused.code, 69);
  for (const text of [await ok(t, 'bench', 'show', 'resource1'), await ok(t, 'top'), refused.stderr]) {
    t.true(text.includes('relay\\u202eyaler'));
    t.false(text.includes('\u202e'));
  }
  t.true((await ok(t, 'bench', 'show', 'resource1', '-o', 'json')).includes('relay\u202eyaler'));
});

test.serial("acquire --env takes away an earlier lease's variables", async (t) => {
  const first = await ok(t, 'acquire', '--bench', 'resource1', '--env');
  const [program, ...args] = berthCommandLine();
  const second = `${[program, ...args].map((word) => `'${word}'`).join(' ')} acquire --bench resource2 --env`;
  const script = `eval "$1"; eval "$(${second})"; echo "$BERTH_BENCH [$BERTH_HOST]"`;
  const env = { ...process.env, BERTH_ADDRESS: berthd.address, BERTH_USER: 'tony' };
  t.is(execFileSync('sh', ['-c', script, 'sh', first], { encoding: 'utf8', env }), 'resource2 []\n');
});

test.serial('acquire --env prints what a shell can evaluate', async (t) => {
  const text = await ok(t, 'acquire', '--bench', 'resource1', '--env');
  t.regex(text, /^export BERTH_BENCH='resource1'$/m);
  t.regex(text, /^export BERTH_HOST='h1'$/m);
});

test.serial('the queue is listed, moved and cancelled', async (t) => {
  await ok(t, 'acquire', '--bench', 'resource1', '--manual');
  const waiting = startBerth(t, { address: berthd.address }, [
    'acquire',
    '--bench',
    'resource1',
    '--request-id',
    'ci-1',
  ]);
  await waiting.says(/place 1/);
  t.regex(await ok(t, 'queue'), /PLACE .*\n1 +ann +resource1 +50 .* ci-1/);
  t.regex(await ok(t, 'priority', 'ci-1', '90'), /ci-1 has priority 90 and place 1 now/);
  t.regex(await ok(t, 'cancel', 'ci-1', '--reason', 'not today'), /ci-1 does not wait any more/);
  t.is(await waiting.exited, 1);
  t.regex(waiting.stderr, /tony: not today.*\[REQUEST_CANCELLED\]/);
});

test.serial('benches are created, shown, updated and deleted', async (t) => {
  await ok(
    t,
    'bench',
    'create',
    'rack/7',
    '--attr',
    'a:10,b',
    '--entity',
    'dut=e,f',
    '--entity-property',
    'dut.socket=h:1',
  );
  t.regex(await ok(t, 'bench', 'ls'), /rack\/7 +a:10 b +free/);
  t.regex(await ok(t, 'bench', 'show', 'rack/7'), /dut's properties +socket=h:1/);
  await ok(t, 'bench', 'update', 'rack/7', '--location', 'office9', '--clear', 'attributes');
  t.like(JSON.parse(await ok(t, 'bench', 'show', 'rack/7', '-o', 'json')), { location: 'office9', attributes: [] });
  await ok(t, 'bench', 'update', 'rack/7', '--recycle', 'clean', '--attr', 'a:10');
  await ok(t, 'run', '--bench', 'rack/7', '--', 'true');
  t.regex(await ok(t, 'bench', 'ls'), /rack\/7 +office9 +a:10 +being cleaned/);
  const ann = { address: berthd.address, user: 'ann' };
  const late = await berth(t, ann, 'bench', 'cleaned', 'rack/7', '--token-number', '1');
  t.regex(late.stderr, /not to be cleaned after the lease with token 1/);
  t.regex(await ok(t, 'bench', 'cleaned', 'rack/7'), /rack\/7 is cleaned/);
  t.regex(await ok(t, 'bench', 'ls'), /rack\/7 +office9 +a:10 +free/);
  t.regex(await ok(t, 'bench', 'delete', 'rack/7', '--only-idle', '--reason', 'surplus'), /rack\/7 is deleted/);
  t.deepEqual((await ok(t, 'bench', 'ls', '-q')).split('\n'), ['resource1', 'resource2', '']);
});

test.serial('maintenance is put on, listed and taken off', async (t) => {
  t.regex(
    await ok(t, 'maintenance', 'on', 'resource1', '--reason', 'new relay', '--until', '2h'),
    /resource1 is in state maintenance/,
  );
  t.regex(await ok(t, 'maintenance', 'ls'), /resource1 +maintenance +new relay +tony .*\(in (2h|1h 59m)\)/);
  const refused = await berth(t, { address: berthd.address }, 'run', '--bench', 'resource1', '--', 'true');
  t.is(refused.code, 69);
  t.regex(refused.stderr, /new relay/);
  t.regex(await ok(t, 'maintenance', 'off', 'resource1'), /resource1 is ready/);
  t.is(await ok(t, 'maintenance', 'ls', '-q'), '');
});

test.serial('an inventory goes out and in again, and a dry run changes nothing', async (t) => {
  const yaml = await ok(t, 'inventory', 'export', '--validate-schema');
  t.regex(yaml, /resource1/);
  const there = { address: berthd.address, stdin: yaml };
  const same = await berth(t, there, 'inventory', 'apply', '-');
  t.is(same.stdout, 'left 2 benches unchanged\n');
  const smaller = { ...there, stdin: 'pool: { name: p, resources: { resource1: { attributes: [a] } } }' };
  const dry = await berth(t, smaller, 'inventory', 'apply', '-', '--prune', '--dry-run');
  t.regex(dry.stdout, /this would .*remove 1 \(resource2\)/);
  t.regex(await ok(t, 'bench', 'ls'), /resource2/);
  const more = {
    ...there,
    stdin: 'pool: { name: p, resources: { new1: {}, new2: {}, resource2: { attributes: [c] } } }',
  };
  const applied = await berth(t, more, 'inventory', 'apply', '-');
  t.is(applied.stdout, 'created 2 benches (new1, new2), updated 1 (resource2)\n');
});

test.serial('watch tells each change, top shows benches and queue, doctor finds nothing wrong', async (t) => {
  const watch = startBerth(t, { address: berthd.address }, ['watch', '--snapshot', '-o', 'json']);
  const { until } = await import('@berth/testkit');
  await until(() => watch.stdout.includes('"snapshot":true'), { what: 'the snapshot' });
  await ok(t, 'acquire', '--bench', 'resource1', '--manual');
  await ok(t, 'release', 'resource1');
  await until(() => watch.stdout.includes('"leaseEnded"'), { what: 'the end of the lease' });
  const changes = watch.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { change: string; snapshot: boolean });
  t.true(changes.some(({ change, snapshot }) => change === 'leasePut' && !snapshot));
  watch.child.kill('SIGINT');
  t.is(await watch.exited, 0);
  t.regex(await ok(t, 'top'), /^2 benches: 0 held, 2 free, 0 out of service; 0 waiting\n/);
  t.regex(await ok(t, 'doctor'), /ok +health +SERVING/);
});

/** What a script prints, whatever ~/.bashrc says. */
function bash(script: string, env: Readonly<Record<string, string>> = {}): string {
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: { ...process.env, ...env } }).trim();
}

test.serial('completion knows every command, and bash takes the script', async (t) => {
  const script = await ok(t, 'completion', 'bash');
  const probe = `${script}\nCOMP_WORDS=(berth maintenance o); COMP_CWORD=2; _berth; echo "\${COMPREPLY[@]}"`;
  t.is(bash(probe), 'on off');
  t.regex(await ok(t, 'completion', 'zsh'), /^#compdef berth/);
  t.regex(await ok(t, 'completion', 'fish'), /complete -c berth -n '__fish_use_subcommand' -a run/);
});

test.serial('names are completed by the server, of arguments and of flags', async (t) => {
  await ok(t, 'template', 'create', 'small', '--cores', '2');
  const script = await ok(t, 'completion', 'bash');
  const called = berthCommandLine().map((word) => `'${word}'`);
  const shell = `berth() { ${called.join(' ')} "$@"; }\n${script}`;
  function complete(...words: string[]): string {
    const probe = `COMP_WORDS=(berth ${words.join(' ')}); COMP_CWORD=${String(words.length)}; _berth; echo "\${COMPREPLY[@]}"`;
    return bash(`${shell}\n${probe}`, { BERTH_ADDRESS: berthd.address, BERTH_USER: 'tony' });
  }
  t.is(complete('bench', 'show', 'res'), 'resource1 resource2');
  t.is(complete('run', '--bench', 'resource2'), 'resource2');
  t.is(complete('cluster', 'show', 'd'), 'default');
  t.is(complete('book', 'ls', '--cluster', 'd'), 'default');
  t.is(complete('template', 'hide', 's'), 'small@1');
});

test.serial('operators see what waiting requests lack that pools could make', async (t) => {
  t.is(await ok(t, 'demand'), '');
  const client = connect({ address: berthd.address, user: 'op', role: 'operator' });
  await client.inventory.putOffer({ offer: { pool: 'vms', attributes: [{ name: 'vm', weight: 7 }], available: 1 } });
  for (const _ of [1, 2]) {
    const args = ['acquire', '--attr', 'vm', '--unattended', '--request-id', `r${String(_)}`, '--affinity', 'job'];
    const waiting = startBerth(t, { address: berthd.address }, args);
    await waiting.says(/waiting|place|PROVISIONING|pool/);
    waiting.child.kill('SIGKILL');
  }
  client.close();
  t.regex(await ok(t, 'demand'), /COUNT +WANTED +AFFINITY +SINCE +POOLS\n2 +attributes=\[vm\] +job +\S.* vms=7\n/);
  const [lack] = JSON.parse(await ok(t, 'demand', '-o', 'json')) as {
    count: number;
    wanted: string;
    offers: object[];
  }[];
  t.like(lack, { count: 2, wanted: 'attributes=[vm]', offers: [{ pool: 'vms', weight: 7 }] });
});
