import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { findProgram } from './find-program.js';
import { lives } from './lives.js';
import { requireServer } from './require-server.js';
import { startRedisServer } from './redis-server.js';
import { until } from './until.js';

const CHILD = fileURLToPath(new URL('redis-server-child.ts', import.meta.url));

if (requireServer(test, 'redis-server')) {
  test('a server restarts on its port and leaves nothing behind when it is stopped', async (t) => {
    const server = await startRedisServer();
    const { pid, port } = server;
    t.true(lives(pid));
    await server.restart({ empty: true });
    t.not(server.pid, pid);
    t.is(server.port, port);
    t.false(lives(pid));
    const second = server.pid;
    await server.kill('SIGSTOP');
    await server.stop();
    t.false(lives(second));
    t.false(existsSync(server.dir));
  });

  if (findProgram('setpriv') !== undefined) {
    test('a server ends with the process that started it, also when that is killed', async (t) => {
      const child = fork(CHILD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      const [{ pid, dir }] = (await once(child, 'message')) as [{ pid: number; dir: string }];
      t.true(lives(pid));
      child.kill('SIGKILL');
      await until(() => !lives(pid), { what: 'the server to end' });
      rmSync(dir, { recursive: true });
      t.false(lives(pid));
    });
  }
}
