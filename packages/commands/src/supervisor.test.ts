import { existsSync } from 'node:fs';
import { lives } from '@berth/testkit';
import test from 'ava';
import { allEnd, newFile, parentOf, pidsIn, run, startParent } from './commands.fixture.js';

const LONG_MS = 60_000;

test('nothing runs when the caller is killed before it has stored the process', async (t) => {
  const file = newFile(t);
  const options = { command: `echo $$ >>${file}`, timeoutMs: LONG_MS, stores: false };
  // Several: what ends the command of a gate that does not wait for the word may be faster than the command.
  const parents = await Promise.all([1, 2, 3, 4, 5].map(() => startParent(t, options)));
  const gates = parents.map(({ gate }) => gate.pid);
  t.true(gates.every(lives));
  for (const { signal } of parents) signal('SIGKILL');
  await allEnd(gates);
  t.false(existsSync(file));
});

test('all that a command started ends when the caller is killed', async (t) => {
  const file = newFile(t);
  // The grandchild has lost its parent when SIGTERM comes, and ignores it.
  const command = `(sh -c 'trap "" TERM; echo $$ >>${file}; while :; do sleep 1; done' &); echo $$ >>${file}; exec sleep 60`;
  const { gate, signal } = await startParent(t, { command, timeoutMs: LONG_MS, stores: true });
  const pids = await pidsIn(file, 2);
  signal('SIGKILL');
  await allEnd([...pids, gate.pid]);
  t.false(pids.some(lives));
});

test('the time is counted also while the caller is paused', async (t) => {
  const file = newFile(t);
  const command = `echo $$ >>${file}; exec sleep 60`;
  const { gate, signal } = await startParent(t, { command, timeoutMs: 3000, stores: true });
  const pids = await pidsIn(file, 1);
  signal('SIGSTOP');
  await allEnd([...pids, gate.pid]);
  t.false(lives(gate.pid));
});

test('a supervisor ends with its caller', async (t) => {
  const { gate, signal } = await startParent(t, { command: 'exec sleep 60', timeoutMs: LONG_MS, stores: true });
  const supervisor = await parentOf(gate.pid);
  process.kill(supervisor, 'SIGTERM');
  t.true(lives(supervisor));
  signal('SIGKILL');
  await allEnd([gate.pid, supervisor]);
  t.false(lives(supervisor));
});

test('a command starts once its process is stored', async (t) => {
  const file = newFile(t);
  const { stdout } = await run(`cat ${file}; echo $$`, {
    started: async ({ pid }) => {
      t.false(existsSync(file));
      await run(`echo ${pid} >${file}`);
    },
  });
  const [stored, own] = String(stdout.head).trim().split('\n');
  t.is(stored, own);
});

test('nothing runs when its process cannot be stored', async (t) => {
  const file = newFile(t);
  let pid = 0;
  const running = run(`echo $$ >>${file}`, {
    started: (stored) => {
      pid = stored.pid;
      return Promise.reject(new Error('the store is away'));
    },
  });
  await t.throwsAsync(running, { message: 'the store is away' });
  await allEnd([pid]);
  t.false(existsSync(file));
});

test('nothing runs when its time is over, or it is aborted, before its process is stored', async (t) => {
  const file = newFile(t);
  const abort = new AbortController();
  const late = await run(`echo $$ >>${file}`, { timeoutMs: 200, started: ({ pid }) => allEnd([pid]) });
  t.like(late, { code: undefined, stopped: 'timeout', fault: 'was not started (it took more than 200 ms)' });
  const aborted = await run(`echo $$ >>${file}`, {
    signal: abort.signal,
    started: () => {
      abort.abort(new Error('no longer wanted'));
      return Promise.resolve();
    },
  });
  t.like(aborted, { code: undefined, stopped: 'aborted', fault: 'was not started (no longer wanted)' });
  t.like(await run(`echo $$ >>${file}`, { signal: abort.signal }), { fault: 'was not started (no longer wanted)' });
  t.false(existsSync(file));
});
