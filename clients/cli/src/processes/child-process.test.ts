import test, { type ExecutionContext } from 'ava';
import { readFile } from 'node:fs/promises';
import { assertRunnable, startCommand } from './child-process.js';
import { toldProcesses } from './processes.fixture.js';

let marks = 0;

function start(words: readonly [string, ...string[]], variables: NodeJS.ProcessEnv = {}) {
  const BERTH_LEASE_ID = `ls-${String(process.pid)}-${String((marks += 1))}`;
  return startCommand(words, { env: { ...process.env, ...variables, BERTH_LEASE_ID }, mark: 'BERTH_LEASE_ID' });
}

/** A shell script, which finds the file for its processes as $0. */
async function startScript(t: ExecutionContext, script: string) {
  const told = await toldProcesses(t);
  return { told, command: await start(['sh', '-c', script, told.file]) };
}

/** Signals that do not end a process by default, and those that stop it, on Linux. */
const HARMLESS = [17, 18, 23, 28];
const STOPPING = [19, 20, 21, 22];

test('the exit code is 128 + n for every signal n that ends the command, also those without a name', async (t) => {
  const signals = Array.from({ length: 64 }, (_, i) => i + 1).filter((signal) => !STOPPING.includes(signal));
  const codes: [signal: number, code: number | undefined][] = [];
  for (const signal of signals) {
    const command = await start(['sh', '-c', `kill -${String(signal)} $$`]);
    codes.push([signal, await command.exited]);
  }
  t.deepEqual(
    codes,
    signals.map((signal) => [signal, HARMLESS.includes(signal) ? 0 : 128 + signal]),
  );
});

test("the exit code is the command's own, also one of a shell's builtin names", async (t) => {
  t.is(await (await start(['sh', '-c', 'exit 7'])).exited, 7);
  t.is(await (await start(['test', '-d', '/'])).exited, 0);
  t.is(await (await start(['false'])).exited, 1);
});

test('variables that a shell would drop or change arrive as they are', async (t) => {
  const { file } = await toldProcesses(t);
  const variables = { 'a.b': '1 2', 'BASH_FUNC_x%%': '() {  :\n}', UID: '5', OPTIND: '9', 'ü-$(false)': '`"\'\\' };
  const print = 'require("fs").writeFileSync(process.argv[1], JSON.stringify(process.env))';
  const command = await start([process.execPath, '-e', print, file], { ...variables, NODE_OPTIONS: '' });
  t.is(await command.exited, 0);
  const env = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
  t.like(env, variables);
  t.deepEqual(
    Object.keys(env).filter((name) => name.startsWith('BERTH_CARRIED')),
    [],
  );
});

test('to end a command ends what it started, also what left its group and what lost its parent', async (t) => {
  const script = 'setsid sh -c \'echo $$ >>"$0"; sleep 60; :\' "$0" & (setsid sleep 61 & echo $! >>"$0"); wait';
  const { told, command } = await startScript(t, script);
  await told.pids(2);
  command.end();
  t.is(await command.exited, 143);
  await told.ended();
});

test('what ignores SIGTERM is killed after 10 s, although the first process is gone', async (t) => {
  const script = '(trap "" TERM; sh -c \'echo $PPID >>"$0"\' "$0"; sleep 99; sleep 99) & wait';
  const { told, command } = await startScript(t, script);
  await told.pids(1);
  command.end();
  t.is(await command.exited, 143);
  await told.ended();
});

test('what a command left running when it ended by itself goes on', async (t) => {
  const { told, command } = await startScript(t, 'sleep 60 & echo $! >>"$0"; exit 3');
  const [pid = 0] = await told.pids(1);
  t.is(await command.exited, 3);
  t.notThrows(() => process.kill(pid, 0));
});

test('a command whose parent is killed does not go on unseen', async (t) => {
  const { told, command } = await startScript(t, 'echo $$ >>"$0"; kill -KILL $PPID; sleep 60; :');
  await told.pids(1);
  t.is(await command.exited, undefined);
  await told.ended();
});

test('what cannot be run is refused before anything waits', (t) => {
  t.throws(() => assertRunnable(''), { name: 'UsageError', message: "'' cannot be run: there is no such command" });
  t.throws(() => assertRunnable('/tmp'), { name: 'UsageError', message: "'/tmp' cannot be run: it is a folder" });
  t.throws(() => assertRunnable('/etc/passwd'), { name: 'UsageError' });
  t.throws(() => assertRunnable('no-such-command-here'), { name: 'UsageError' });
  t.notThrows(() => assertRunnable('sh'));
});
