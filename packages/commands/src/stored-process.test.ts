import { lives } from '@berth/testkit';
import test from 'ava';
import { allEnd, newFile, pidsIn, run } from './commands.fixture.js';
import type { StoredProcess } from './stored-process.js';
import { killStored } from './stored-process.js';

test('a stored process is ended with its group, if it is still the one that was stored', async (t) => {
  const file = newFile(t);
  let stored: StoredProcess = { pid: 0, startTime: '' };
  const running = run(`trap '' TERM; sh -c 'echo $$ >>${file}; sleep 60' & echo $$ >>${file}; while :; do wait; done`, {
    started: (process) => {
      stored = process;
      return Promise.resolve();
    },
  });
  const pids = await pidsIn(file, 2);
  t.false(await killStored({ ...stored, startTime: `${stored.startTime}0` }));
  t.true(pids.every(lives));
  t.true(await killStored(stored));
  t.like(await running, { code: 137, stopped: undefined });
  await allEnd(pids);
  t.false(await killStored(stored));
});
