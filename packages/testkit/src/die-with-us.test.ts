import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { findProgram } from './find-program.js';
import { until } from './until.js';

const CHILD = fileURLToPath(new URL('bound-child.fixture.ts', import.meta.url));

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

if (findProgram('setpriv') !== undefined) {
  test('berthd ends with the test process that started it, also when that is killed', async (t) => {
    const child = fork(CHILD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    t.true(await answers(port));
    child.kill('SIGKILL');
    await until(async () => !(await answers(port)), { what: 'berthd to end' });
    t.false(await answers(port));
  });
}
