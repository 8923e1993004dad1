import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { allEnd, newFile, parentOf, pidsIn, run } from './commands.fixture.js';

test.serial('all commands end when their supervisor is killed, and later ones run', async (t) => {
  const file = newFile(t);
  const child = `trap "sleep 0.2; echo clean >>${file}; exit" TERM; echo $$ >>${file}; while :; do sleep 0.1; done`;
  // Who writes to it dies: nobody reads the output any more.
  const first = run(`exec 2>/dev/null; sh -c '${child}' & echo $$ >>${file}; wait`);
  const [pid = 0, other = 0] = await pidsIn(file, 2);
  const second = run(`kill -KILL $PPID; exec sleep 60`);
  const expected = { code: 137, stopped: undefined, fault: 'was ended by SIGKILL' };
  t.like(await first, expected);
  t.like(await second, expected);
  await allEnd([pid, other]);
  t.regex(readFileSync(file, 'utf8'), /^clean$/m);
  t.like(await run('true'), { code: 0 });
});

test.serial('what waits for the word never begins when the supervisor is killed', async (t) => {
  const file = newFile(t);
  const waiting = run(`echo $$ >>${file}`, {
    started: async ({ pid }) => {
      process.kill(await parentOf(pid), 'SIGKILL');
      await allEnd([pid]);
    },
  });
  t.not((await waiting).code, 0);
  t.false(existsSync(file));
});
