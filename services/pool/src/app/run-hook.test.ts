import { runCommand } from '@berth/commands';
import { openSqliteCollectionStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { newResource } from '../domain/life.js';
import type { PoolOptions } from '../domain/options/options.js';
import { DEFAULT_OPTIONS } from '../domain/options/options.js';
import type { Resource } from '../domain/resource.js';
import type { CommandRunner } from '../ports/command-runner.js';
import { openLogs } from '../store/open-logs.js';
import type { HookCall, HookContext } from './run-hook.js';
import { deleteStranger, runHook, runList } from './run-hook.js';
import { RunLogs } from './run-logs.js';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const RUNNER: CommandRunner = { host: 'here', run: (command) => runCommand(command), kill: () => Promise.resolve() };

process.env['BERTH_MONGO_URL'] = 'mongodb://berth:secret@localhost';
process.env['HOOKTEST_REGION'] = 'eu-1';

async function openContext(t: ExecutionContext): Promise<HookContext> {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  const logs = new RunLogs(await openLogs(store), fakeClock(), SILENT);
  t.teardown(async () => {
    await logs.settle();
    await store.close();
  });
  return { runner: RUNNER, logs, logger: SILENT };
}

function options(cmd: string, changes: Partial<PoolOptions> = {}): PoolOptions {
  const commands = { new: cmd, delete: cmd, release: cmd, livecheck: cmd, list: cmd };
  return { ...DEFAULT_OPTIONS, name: 'vms', commands, ...changes };
}

const NEW = { number: 7, name: 'vms_00000007', idInPool: 2, counters: { port: 5 }, run: 'r', host: 'here' };
const DATA = Buffer.from('10.0.0.1\n').toString('base64');
const ROW: Resource = { ...newResource({ options: options(''), ...NEW }, 0), state: 'UP', data: DATA };

async function run(context: HookContext, cmd: string, changes: Partial<HookCall> & { options?: PoolOptions } = {}) {
  const started = () => Promise.resolve();
  const call = { row: ROW, hook: 'new', attempt: 0, options: options(cmd), started, ...changes } as const;
  const outcome = await runHook(context, { signal: new AbortController().signal, ...call });
  return { ...outcome, data: Buffer.from(outcome.data, 'base64').toString() };
}

type Outcome = Awaited<ReturnType<typeof run>>;

/**
 * Runs a command until its time is over; with four times the time while a busy machine does not come to what it has to do before
 * that.
 */
async function runLate(context: HookContext, cmd: string, hasDone: (outcome: Outcome) => boolean): Promise<Outcome> {
  for (let ms = 500; ; ms *= 4) {
    const timed = options(cmd, { timeoutsMs: { ...DEFAULT_OPTIONS.timeoutsMs, new: ms } });
    const outcome = await run(context, '', { options: timed });
    if (hasDone(outcome) || ms > 30_000) return outcome;
  }
}

test('a command gets exactly its variables, those that are passed, and those that are set', async (t) => {
  const context = await openContext(t);
  const lease = { id: 'l-1', fencingToken: 17, sandbox: '', sinceMs: 0 };
  const env = { pass: ['PATH', 'HOOKTEST_*'], set: { REGION: 'eu 1' } };
  const { data } = await run(context, 'env', { options: options('env', { env, outputLimitBytes: 12_288 }) });
  // Those of the shell itself.
  const lines = data.split('\n').filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=|^$/.test(line));
  const told = ['ID=7', 'NAME=vms_00000007', 'POOL_ID=vms', 'ID_IN_POOL=2', 'NAMED_COUNTER_port=5'];
  const expected = [
    ...told.flatMap((line) => [`RESALLOC_${line}`, `BERTH_${line}`]),
    ...['BERTH_IDEMPOTENCY_KEY=7/new/0', `PATH=${process.env['PATH'] ?? ''}`, 'HOOKTEST_REGION=eu-1', 'REGION=eu 1'],
  ];
  t.deepEqual(lines.sort(), expected.sort());
  const asked = 'test "$RESALLOC_RESOURCE_DATA,$BERTH_LEASE_ID,$BERTH_FENCING_TOKEN" = MTAuMC4wLjEK,l-1,17';
  t.is((await run(context, asked, { hook: 'release', row: { ...ROW, lease } })).verdict, 'ok');
  t.is((await run(context, asked, { hook: 'delete', row: { ...ROW, lastLease: lease } })).verdict, 'ok');
});

test('what cmd_new prints are its data, its errors are not', async (t) => {
  const context = await openContext(t);
  t.deepEqual(await run(context, 'echo a; echo b >&2'), { verdict: 'ok', fault: '', data: 'a\n' });
  t.deepEqual(await run(context, 'true'), { verdict: 'ok', fault: '', data: '' });
  const { data } = await run(context, 'yes | head -c 1000000');
  t.is(data, `${'y\n'.repeat(256)}<< trimmed >>\n`);
  const bytes = await runHook(context, {
    ...{ row: ROW, hook: 'new', attempt: 0, options: options(String.raw`printf '\377\0'`) },
    ...{ started: () => Promise.resolve(), signal: new AbortController().signal },
  });
  t.is(bytes.data, Buffer.of(0xff, 0).toString('base64'));
});

test('a failure tells how the command ended, and what it wrote last', async (t) => {
  const context = await openContext(t);
  t.deepEqual(await run(context, 'echo 10.0.0.1; echo no room >&2; exit 3'), {
    ...{ verdict: 'failed', fault: 'ended with code 3: 10.0.0.1\n\nno room', data: '10.0.0.1\n' },
  });
  t.like(await run(context, 'exit 127'), { verdict: 'failed' });
  t.like(await run(context, 'exit 128'), { verdict: 'unsure' });
  t.like(await run(context, 'kill -KILL $$'), { verdict: 'unsure', fault: 'was ended by SIGKILL' });
  const missing = options('', { commands: { new: ['/no/such/program'], delete: 'x' } });
  t.like(await run(context, '', { options: missing }), { verdict: 'failed' });
  const late = await runLate(context, 'echo x; exec sleep 60', ({ data }) => data !== '');
  t.like(late, { verdict: 'unsure', data: 'x\n' });
  const trap = `trap 'echo done; exit 0' TERM; while :; do sleep 0.1; done 2>/dev/null`;
  t.like(await runLate(context, trap, ({ data }) => data !== ''), {
    verdict: 'unsure',
    fault: 'ended well, but only when its time was over: done',
  });
});

test('a command whose processes cannot be stored is not run, and has no log', async (t) => {
  const context = await openContext(t);
  const started = () => Promise.reject(new Error('the store is away'));
  await t.throwsAsync(run(context, 'echo x', { started }), { message: 'the store is away' });
  await context.logs.settle();
  t.deepEqual(await context.logs.runsOf(7), []);
});

test('both outputs of a run are in its log', async (t) => {
  const context = await openContext(t);
  await run(context, 'echo a; echo b >&2; exit 2', { hook: 'delete', attempt: 4 });
  await context.logs.settle();
  const [log] = await context.logs.runsOf(7);
  t.like(log, { hook: 'delete', attempt: 4, code: 2, pool: 'vms' });
  const { documents } = await context.logs.collections.parts.find({ limit: 10 });
  t.deepEqual(
    Buffer.from(documents[0]?.value.data ?? '', 'base64')
      .toString()
      .trim()
      .split('\n')
      .sort(),
    ['a', 'b'],
  );
});

test('a pool without a command does nothing where it would be run', async (t) => {
  const context = await openContext(t);
  const without = options('', { commands: { new: 'x', delete: 'y' } });
  t.deepEqual(await run(context, '', { hook: 'release', options: without }), { verdict: 'ok', fault: '', data: '' });
  await context.logs.settle();
  t.deepEqual(await context.logs.runsOf(7), []);
});

test('a list is what cmd_list prints, if it ends well and is not cut', async (t) => {
  const context = await openContext(t);
  const { signal } = new AbortController();
  t.is(await runList(context, options('echo "$RESALLOC_POOL_ID $RESALLOC_ID"'), signal), 'vms \n');
  await t.throwsAsync(runList(context, options('echo a; exit 1'), signal), {
    message: 'cmd_list ended with code 1: a',
  });
  await t.throwsAsync(runList(context, options('yes | head -c 3000000'), signal), {
    message: /printed more than 1048576/,
  });
});

test('something that no row is named is deleted by its name', async (t) => {
  const context = await openContext(t);
  const told = 'test "$RESALLOC_NAME,$RESALLOC_ID,${RESALLOC_ID_IN_POOL-none}" = vms_00000099,0,none';
  const call = { name: 'vms_00000099', signal: new AbortController().signal };
  t.is((await deleteStranger(context, { options: options(told), ...call })).verdict, 'ok');
  t.is((await deleteStranger(context, { options: options('exit 1'), ...call })).verdict, 'failed');
});

test('a command ends when it is aborted', async (t) => {
  const context = await openContext(t);
  const abort = new AbortController();
  let begun = false;
  const started = () => Promise.resolve((begun = true) as unknown as undefined);
  const running = run(context, 'exec sleep 60', { signal: abort.signal, started });
  await until(() => begun, { what: 'the command' });
  abort.abort(new Error('the lock is lost'));
  t.like(await running, { verdict: 'unsure' });
});
