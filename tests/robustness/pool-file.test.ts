import { execFile } from 'node:child_process';
import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Berth, Pool } from '@berth/client';
import { BerthError, connect } from '@berth/client';
import { PoolChangeKind, StrangerVerdict } from '@berth/proto/berth/pool/v1/pool_service';
import { PoolState } from '@berth/proto/berth/pool/v1/pool';
import { LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import type { Berthd } from '@berth/testkit';
import { residentKib, startBerthd, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

interface Lab {
  readonly berthd: Berthd;
  readonly berth: Berth;
  /** Where each thing that there is has a file of its name. */
  readonly things: () => readonly string[];
  readonly add: (name: string) => void;
  /** Writes the file of pools; each pool with its further options. */
  readonly write: (pools: Readonly<Record<string, string>>) => void;
  readonly writeText: (text: string) => void;
  readonly pool: (name: string) => Promise<Pool | undefined>;
  /** Makes a ticket for a pool's resource, and waits until it is ready; answers its number. */
  readonly take: (pool: string) => Promise<number>;
}

/** A berthd whose pools make files. `cmd_list` of each lists those of all pools. */
async function openLab(t: ExecutionContext, pools: Readonly<Record<string, string>>): Promise<Lab> {
  t.timeout(300_000);
  const folder = tempFolder(t);
  const things = tempFolder(t);
  const file = join(folder, 'pools.yaml');
  const writeText = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const write = (all: Readonly<Record<string, string>>): void => {
    const env = `env: { pass: [PATH], set: { D: ${things} } }`;
    const commands = `cmd_delete: rm -f "$D/$BERTH_NAME", cmd_list: ls "$D"`;
    const make = (own: string): string => (own.includes('cmd_new') ? '' : 'cmd_new: touch "$D/$BERTH_NAME",');
    const lines = Object.entries(all).map(
      ([name, own]) => `${name}: { ${make(own)} ${commands}, ${env}, tags: [${name}], ${own} }\n`,
    );
    writeText(lines.join(''));
  };
  write(pools);
  const berthd = await startBerthd({ settings: { pool: { file } } });
  const berth = connect({ address: berthd.address, user: 'ann', role: 'operator' });
  t.teardown(async () => {
    berth.close();
    await berthd.stop();
  });
  const pool = async (name: string): Promise<Pool | undefined> => {
    try {
      return (await berth.pools.getPool({ name })).pool;
    } catch (error) {
      if (error instanceof BerthError && error.reason === 'NO_SUCH_POOL') return undefined;
      throw error;
    }
  };
  const take = async (tag: string): Promise<number> => {
    const number = (await berth.pools.createTicket({ tags: [tag] })).ticket?.number ?? 0;
    const ready = async () => (await berth.pools.getTicket({ number })).ticket?.ready;
    await until(ready, { what: `ticket ${String(number)} to be ready`, timeoutMs: 120_000 });
    return number;
  };
  const add = (name: string): void => {
    appendFileSync(join(things, name), '');
  };
  return { berthd, berth, things: () => readdirSync(things), add, write, writeText, pool, take };
}

function of(pool: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(`${pool}_`));
}

const SOON = { timeoutMs: 60_000 };

test('a pool that leaves the file drains: what is free goes at once, what is leased after its lease', async (t) => {
  const { berth, things, write, pool, take } = await openLab(t, { a: 'max_prealloc: 2', b: 'max_prealloc: 1' });
  const ticket = await take('a');
  await until(() => of('a', things()).length === 3, { what: 'two more to be made ahead', ...SOON });
  const taken = (await berth.pools.getTicket({ number: ticket })).ticket?.resource ?? '';
  write({ b: 'max_prealloc: 1' });
  await until(() => of('a', things()).join() === taken, { what: 'the free ones to go', ...SOON });
  await until(async () => (await pool('a'))?.taken === 1, { what: 'the rows to say so', ...SOON });
  t.like(await pool('a'), { removed: true, state: PoolState.DRAINING });
  await until(() => of('b', things()).length === 1, { what: 'the one of the other pool', ...SOON });
  await berth.pools.closeTicket({ number: ticket });
  await until(() => of('a', things()).length === 0, { what: 'the leased one to go', ...SOON });
  await until(async () => (await pool('a')) === undefined, { what: 'the pool to be forgotten', ...SOON });
  const error = await t.throwsAsync<BerthError>(berth.pools.createTicket({ tags: ['a'] }));
  t.is(error.reason, 'NO_SUCH_BENCH');
});

test('a file with faults changes nothing and is told, and a restart undoes no ApplyPools', async (t) => {
  const { berthd, berth, things, write, writeText, pool } = await openLab(t, { a: 'max_prealloc: 1' });
  await until(() => of('a', things()).length === 1, { what: 'the first one', ...SOON });
  writeText('a: { cmd_new: x, max: -1 }\n');
  const fault = await until(async () => (await berth.pools.exportPools({})).fileFault, { what: 'the fault', ...SOON });
  t.regex(fault, /pools\.yaml:1:1: a: has no 'cmd_delete'.*\n.*pools\.yaml:1:18: a\.max: is the number -1/);
  await until(() => berthd.log.includes('pools.yaml is not used'), { what: 'the log', ...SOON });
  await berthd.kill('SIGHUP');
  t.like(await pool('a'), { max: 4, state: PoolState.ACTIVE });
  const { yaml, origin } = await berth.pools.exportPools({});
  t.is(origin, 'file');
  write({ a: 'max_prealloc: 1' });
  await until(async () => (await berth.pools.exportPools({})).fileFault === '', { what: 'the good file', ...SOON });
  const { changes } = await berth.pools.applyPools({ yaml: yaml.replace('tags:', 'max: 7\n  tags:') });
  t.deepEqual(changes, [
    { pool: 'a', kind: PoolChangeKind.CHANGED, options: [{ option: 'max', before: '4', after: '7' }] },
  ]);
  await berthd.kill('SIGKILL');
  await berthd.start();
  await until(async () => (await pool('a'))?.free === 1, { what: 'the pool after the restart', ...SOON });
  t.is((await pool('a'))?.max, 7);
  t.is((await berth.pools.exportPools({})).origin, 'ann');
  write({ a: 'max: 3' });
  await until(async () => (await pool('a'))?.max === 3, { what: 'the changed file', ...SOON });
});

test('a paused pool starts nothing and lends what it has; who and why is told, also after a restart', async (t) => {
  const { berthd, berth, things, pool, take } = await openLab(t, { a: 'max_prealloc: 1' });
  await until(() => things().length === 1, { what: 'the first one', ...SOON });
  await until(async () => (await pool('a'))?.free === 1, { what: 'it to be up', ...SOON });
  await berth.pools.setPoolState({ pool: 'a', state: PoolState.PAUSED, reason: 'the host moves' });
  const ticket = await take('a');
  await berthd.kill('SIGKILL');
  await berthd.start();
  const paused = await pool('a');
  t.like(paused, { state: PoolState.PAUSED, stateReason: 'the host moves' });
  t.is(paused?.stateActor?.name, 'ann');
  const waiting = (await berth.pools.createTicket({ tags: ['a'] })).ticket?.number ?? 0;
  await berth.pools.closeTicket({ number: ticket });
  await until(() => things().length === 0, { what: 'the released one to go', ...SOON });
  t.false((await berth.pools.getTicket({ number: waiting })).ticket?.ready);
  t.is((await pool('a'))?.starts, 1);
  await berth.pools.setPoolState({ pool: 'a', state: PoolState.ACTIVE });
  const ready = async () => (await berth.pools.getTicket({ number: waiting })).ticket?.ready;
  await until(ready, { what: 'the waiting ticket', ...SOON });
});

test('a command is told its resource, and gets nothing of the server but what is passed', async (t) => {
  process.env['BERTH_MONGO_URL_OF_A_TEST'] = 'mongodb://berth:secret@localhost';
  const set = 'env: { pass: [PATH], set: { REGION: "eu 1" } }, named_counters: [port], output_limit: 8 KiB';
  const text = `a: { cmd_new: env, cmd_delete: "true", tags: [a], max_prealloc: 0, ${set} }\n`;
  const { berth, writeText, pool, take } = await openLab(t, {});
  writeText(text);
  await until(async () => (await pool('a')) !== undefined, { what: 'the pool', ...SOON });
  const { ticket } = await berth.pools.getTicket({ number: await take('a') });
  // Those of the shell itself.
  const own = /^(PWD|OLDPWD|SHLVL|_)=|^$/;
  const lines = (ticket?.data.toString() ?? '').split('\n').filter((line) => !own.test(line));
  const told = ['ID=1', `NAME=${ticket?.resource ?? ''}`, 'POOL_ID=a', 'ID_IN_POOL=0', 'NAMED_COUNTER_port=0'];
  const expected = [
    ...told.flatMap((one) => [`RESALLOC_${one}`, `BERTH_${one}`]),
    ...['BERTH_IDEMPOTENCY_KEY=1/new/0', `PATH=${process.env['PATH'] ?? ''}`, 'REGION=eu 1'],
  ];
  t.deepEqual(lines.sort(), expected.sort());
});

test('an evacuated pool ends its leases with the reason, and everything goes', async (t) => {
  const { berth, things, take } = await openLab(t, { a: 'max_prealloc: 1', b: 'max_prealloc: 1' });
  const ticket = await take('a');
  await until(() => of('b', things()).length === 1, { what: 'one of the other pool', ...SOON });
  await berth.pools.setPoolState({ pool: 'a', state: PoolState.EVACUATING, reason: 'fire in room 5' });
  await until(() => of('a', things()).length === 0, { what: 'everything to go', ...SOON });
  const failure = async () => (await berth.pools.getTicket({ number: ticket })).ticket?.failure;
  t.regex(await until(failure, { what: 'the ticket to fail', ...SOON }), /fire in room 5/);
  t.is(of('b', things()).length, 1);
});

/** Strangers are deleted once they were seen for a second, and so many at a time. */
function sweep(deletions: number): string {
  return `sweep: { period: 200ms, grace: 1s, max_deletions: ${String(deletions)} }`;
}

const SLOW = 'cmd_new: touch "$D/$BERTH_NAME"; sleep 3, sweep: { period: 100ms, grace: 0 }';

test('what was forgotten is found by the list of a pool and deleted; what is in flight, and what others have, is not', async (t) => {
  const { berth, things, add, pool, write } = await openLab(t, {
    a: `max_prealloc: 1, ${sweep(0)}`,
    slow: SLOW,
  });
  await until(async () => (await pool('a'))?.free === 1, { what: 'the first one', ...SOON });
  const [own = ''] = of('a', things());
  const strangers = ['a_00000077_20200403_124756', 'a_00000078_20200403_124756'];
  const foreign = ['a_77', 'aa_00000077_20200403_124756', 'database', 'slow_00000077_20200403_124756'];
  for (const name of [...strangers, ...foreign]) add(name);
  const told = async () => {
    const { leaks } = await berth.allocations.listLeaks({});
    return leaks.some(({ rule, externalId }) => rule === LeakRule.UNKNOWN_HERE && strangers.includes(externalId));
  };
  await until(told, { what: 'the tracker to know of them', ...SOON });
  write({ a: `max_prealloc: 1, ${sweep(1)}`, slow: SLOW });
  await until(() => !strangers.some((name) => things().includes(name)), { what: 'the strangers to go', ...SOON });
  // Made slowly, while it is in every list; the other pool's stranger of that name is none of `a`.
  const isUp = async () => (await pool('slow'))?.free === 2;
  await until(isUp, { what: 'what was in flight to be up', ...SOON });
  const made = of('slow', things()).filter((name) => !foreign.includes(name));
  t.is(made.length, 2);
  t.true(things().includes(own));
  const inVain = 'slow_00000077_20200403_124756';
  const isGone = () => !things().includes(inVain);
  await until(isGone, { what: 'the pool that it is named for to delete it', ...SOON });
  const { strangers: left } = await berth.pools.sweep({ pool: 'a', validateOnly: true });
  const judged = left.map(({ name, verdict }) => `${name} ${StrangerVerdict[verdict]}`);
  const stay = foreign.filter((name) => name !== inVain);
  t.deepEqual(judged, stay.map((name) => `${name} FOREIGN`).sort());
  t.deepEqual(
    things()
      .filter((name) => foreign.includes(name))
      .sort(),
    stay.toSorted(),
  );
});

/** A Node.js that reads a gigabyte from a command and keeps nothing of it; prints the MB that it grew by. */
const BARE_READER = `
const { spawn } = require('node:child_process');
const mb = () => process.memoryUsage.rss() / 1048576;
setTimeout(() => {
  let [before, most] = [mb(), 0];
  const looking = setInterval(() => (most = Math.max(most, mb())), 50);
  const child = spawn('sh', ['-c', 'yes 0123456789 | head -c 1000000000'], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.on('data', () => undefined);
  child.on('close', () => { clearInterval(looking); console.log(most - before); });
}, 200);`;

/** The most MB that a process grew by while work went on that answers a number. */
async function grownMbWhile(pid: number, work: () => Promise<number>): Promise<{ number: number; grown: number }> {
  const before = residentKib(pid);
  let most = before;
  const looking = setInterval(() => (most = Math.max(most, residentKib(pid))), 50);
  try {
    const number = await work();
    return { number, grown: (most - before) / 1024 };
  } finally {
    clearInterval(looking);
  }
}

test('a gigabyte of output costs no memory, and is cut in data and log', async (t) => {
  const noisy = `max_prealloc: 0, log_limit: 64 KiB, output_limit: 1 KiB`;
  const { berthd, berth, writeText, take } = await openLab(t, { a: noisy });
  await take('a');
  writeText(`big: { cmd_new: 'yes 0123456789 | head -c 1000000000', cmd_delete: 'true', tags: [big], ${noisy} }\n`);
  const isThere = async () => (await berth.pools.listPools({})).pools.some(({ name }) => name === 'big');
  await until(isThere, { what: 'the pool', ...SOON });
  // When a process gives garbage back is its own affair, and differs by tens of MB: who keeps output does so each time.
  let beyond = Infinity;
  for (let round = 0; round < 3 && beyond >= 30; round += 1) {
    const { number, grown } = await grownMbWhile(berthd.pid, () => take('big'));
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', BARE_READER]);
    t.log(`berthd grew by ${grown.toFixed(0)} MB, a bare reader by ${Number(stdout).toFixed(0)}`);
    beyond = grown - Number(stdout);
    const { ticket } = await berth.pools.getTicket({ number });
    t.is(ticket?.data.toString(), `${'0123456789\n'.repeat(93)}<< trimmed >>\n`);
    let bytes = 0;
    for await (const { text } of berth.pools.streamLog({ name: ticket?.resource ?? '' })) bytes += text.length;
    t.is(bytes, 64 * 1024);
  }
  t.true(beyond < 30);
});
