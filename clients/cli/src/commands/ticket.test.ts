import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@berth/client';
import { closedAfter, startBerthd, tempFolder, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berth, startBerth } from '../berth-process.fixture.js';

const POOLS = `
pool_random_numbers:
  max: 4
  max_prealloc: 1
  cmd_new: od -An -N2 -tu2 /dev/urandom
  cmd_delete: echo deleting $RESALLOC_NAME
  tags: [random_number, shell_number]
`;
const NAME = /pool_random_numbers_\d{8}_\d{8}_\d{6}/.source;

async function start(t: ExecutionContext) {
  const file = join(tempFolder(t), 'pools.yaml');
  writeFileSync(file, POOLS);
  const berthd = await startBerthd({ settings: { pool: { file } } });
  t.teardown(() => berthd.stop());
  const { address } = berthd;
  const run = (...args: string[]) => berth(t, { address, user: 'tony' }, ...args);
  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    t.is(code, 0, `berth ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
  return { address, file, run, ok };
}

/** What `resource-info` prints, in part. */
interface Info {
  readonly data: string;
  readonly runs: readonly { readonly exitCode?: number }[];
}

/** The pool once nothing is being made. */
async function settledPool(ok: (...args: string[]) => Promise<string>): Promise<{ readonly free: number } | undefined> {
  const pools = JSON.parse(await ok('pool', 'ls', '-o', 'json')) as { free: number; counts: { STARTING?: number } }[];
  return pools.find(({ counts }) => counts.STARTING === undefined);
}

test('a script of resalloc runs with the one word changed', async (t) => {
  const { ok, run } = await start(t);
  const id = (await ok('ticket', '--tag', 'random_number')).trim();
  t.is(id, '1');
  const data = await ok('ticket-wait', id);
  t.regex(data, /^ +\d+\n$/);
  t.deepEqual(await run('ticket-check', id), { code: 0, stdout: data, stderr: '' });
  const name = new RegExp(NAME).exec(await ok('ticket-list'))?.[0] ?? '';
  t.is(await ok('ticket-list'), `1 - state=OPEN tags=random_number resource=${name}\n`);
  const line = `1 - ${name} pool=pool_random_numbers tags=random_number,shell_number status=UP releases=0 ticket=1`;
  // The row comes to know of its lease a moment after the ticket does.
  const isListed = async () => (await ok('resource-list', '--up')).split('\n').includes(line);
  await until(isListed, { what: line });
  t.is(await ok('ticket-close', id), '');
  t.is(await ok('ticket-close', id), '');
  t.is(await ok('ticket-list'), '');
  t.is(await ok('ticket-wait', id), data, 'closed after it was ready');
  const closed = await run('ticket-check', id);
  t.deepEqual([closed.code, closed.stdout], [1, data]);
  t.regex(closed.stderr, /closed already/);
  const same = await ok('run', '--attr', 'random_number', '--', 'sh', '-c', 'echo $BERTH_DATA');
  t.regex(same, /^\d+\n$/);
});

test('what cannot be waited for ends at once, and what is in vain says so', async (t) => {
  const { ok, run, address } = await start(t);
  for (const [args, code, told] of [
    [['ticket'], 64, /--tag/],
    [['ticket', '--tag', 'a,b'], 64, /tags\[0\].*comma|comma.*tags\[0\]/s],
    [['ticket', '--tag', 'random_numbr'], 1, /NO_SUCH_BENCH/],
    [['ticket-wait', '0'], 64, /begin at 1/],
    [['ticket-check', 'x'], 64, /no whole number/],
    [['ticket-wait', '7'], 1, /NO_SUCH_TICKET/],
    [['resource-delete'], 64, /numbers|required|nothing/],
    [['resource-info', '99'], 1, /NO_SUCH_RESOURCE/],
    [['pool', 'pause', 'pool_random_numbers'], 64, /--reason/],
    [['pool', 'show', 'pool_random_number'], 1, /pool_random_numbers.*NO_SUCH_POOL/s],
    [['pool', 'leaks', '--pool', 'pool_random_number'], 1, /pool_random_numbers.*NO_SUCH_POOL/s],
    [['resource-list', '--pool', 'pool_random_number'], 1, /pool_random_numbers.*NO_SUCH_POOL/s],
    [['foreach-resource', '--command', 'echo {nam}'], 64, /no field/],
  ] as const) {
    const { code: exit, stderr } = await run(...args);
    t.is(exit, code, `berth ${args.join(' ')}: ${stderr}`);
    t.regex(stderr, told, args.join(' '));
  }
  await ok('pool', 'pause', 'pool_random_numbers', '--reason', 'a test');
  const { free } = await until(() => settledPool(ok), { what: 'nothing to be made', timeoutMs: 30_000 });
  const ids: string[] = [];
  for (let n = 0; n < free + 2; n += 1) ids.push((await ok('ticket', '--tag', 'shell_number')).trim());
  const [first = '', second = ''] = ids.slice(-2);
  const vain = await run('ticket-wait', first, '--wait', '1s');
  t.is(vain.code, 75, vain.stderr);
  t.regex(vain.stderr, /every resource like that is in use; .*paused.*a test/);
  t.is((await run('ticket-check', first)).code, 1);
  const waiting = startBerth(t, { address, user: 'tony' }, ['ticket-wait', second]);
  await waiting.says(/waits/);
  await ok('ticket-close', second);
  t.is(await waiting.exited, 1);
  t.regex(waiting.stderr, /TICKET_ENDED/);
  t.deepEqual(await run('ticket-check', second), {
    code: 1,
    stdout: '',
    stderr: 'berth: the ticket is closed already\n',
  });
  await ok('pool', 'resume', 'pool_random_numbers');
  t.regex(await ok('ticket-wait', first), /\d+/);
  const other = await berth(t, { address, user: 'eve' }, 'ticket-close', first, '--role', 'user');
  t.is(other.code, 1);
  t.regex(other.stderr, /NO_SUCH_TICKET/);
});

test('operators see and change pools and resources', async (t) => {
  const { ok, run, file } = await start(t);
  const other = file.replace('.yaml', '-2.yaml');
  await ok('ticket-wait', (await ok('ticket', '--tag', 'random_number')).trim());
  t.regex(await ok('pool', 'ls'), /^POOL +STATE +UP +FREE +TAKEN .*\npool_random_numbers +active /);
  t.regex(await ok('pool', 'show', 'pool_random_numbers'), /max_prealloc: 1/);
  const infoOf = async () => JSON.parse(await ok('resource-info', '1')) as Info;
  // Nobody waits for the end of a run to be noted.
  await until(async () => (await infoOf()).runs[0]?.exitCode === 0, { what: 'the end of cmd_new' });
  const info = await infoOf();
  t.like(info, { state: 'UP', runs: [{ command: 'cmd_new', exitCode: 0 }] });
  const [line = ''] = (await ok('foreach-resource', '--command', 'echo "{state} {data_utf8}"')).split('\n');
  t.is(line, `UP ${info.data.trimEnd()}`);
  t.regex(await ok('resource-logs', '1', '--no-follow'), new RegExp(`^==> 1 cmd_new 0 <==\n${info.data}`));
  t.is(await ok('pool', 'leaks'), '');

  writeFileSync(other, `${POOLS}  max_prealoc: 2\n`);
  const bad = await run('pool', 'validate', other);
  t.is(bad.code, 64);
  t.regex(bad.stderr, /max_prealoc.*max_prealloc/s);
  t.true(bad.stderr.includes(`${other}:`), bad.stderr);
  writeFileSync(other, POOLS.replace('max: 4', 'max: 5'));
  const dry = await ok('pool', 'apply', other, '--dry-run');
  t.regex(dry, /^this would change:\npool_random_numbers is changed\n {2}max: 4 → 5\n$/);
  t.regex(await ok('pool', 'apply', other), /^changed:/);
  t.regex(await ok('pool', 'export'), /max: 5/);

  await ok('pool', 'drain', 'pool_random_numbers', '--reason', 'moving out');
  t.regex(await ok('pool', 'show', 'pool_random_numbers'), /draining by tony .*moving out/);
  t.regex((await run('resource-delete', '1', '--reason', 'broken')).stderr, /1 resource goes: 1/);
  await until(async () => (await ok('resource-list')) === '', { what: 'all to be gone', timeoutMs: 30_000 });
  const isFailed = async () => (await ok('ticket-list')).startsWith('1 - state=FAILED ');
  await until(isFailed, { what: 'the ticket to fail' });
  t.regex((await run('ticket-wait', '1')).stderr, /failed: its lease ended: .*broken/);
});

test('a program has a resource for as long as a scope, and is told when it is gone', async (t) => {
  const { address } = await start(t);
  const client = closedAfter(t, connect({ address, user: 'ann', role: 'operator' }));
  const places: number[] = [];
  {
    await using ticket = await client.ticket({
      tags: ['random_number'],
      sandbox: 'job-17',
      wait: '30s',
      onQueued: ({ position }) => places.push(position),
    });
    t.regex(ticket.data.toString(), /^ +\d+\n$/);
    t.true(ticket.lease.fencingToken > 0);
    t.false(ticket.signal.aborted);
  }
  t.deepEqual((await client.pools.listTickets({})).tickets, []);
  const held = await client.ticket({ tags: ['random_number'] });
  await client.pools.deleteResources({ numbers: [await numberOf(held.resource)], reason: 'broken' });
  await until(() => held.signal.aborted, { what: 'the signal', timeoutMs: 30_000 });
  t.regex(String(held.signal.reason), /TICKET_ENDED|has failed: .*broken/);
  await held.close();
  await t.throwsAsync(client.ticket({ tags: ['unknown'] }), { message: /no bench|unknown/i });

  async function numberOf(name: string): Promise<number> {
    return (await client.pools.getResource({ name })).resource?.number ?? 0;
  }
});
