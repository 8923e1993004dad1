import test from 'ava';
import { startMongo } from './mongo-server.js';
import { requireServer } from './require-server.js';

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

if (requireServer(test, 'mongod')) {
  test('MongoDB restarts on its port, and a frozen one is stopped too', async (t) => {
    const server = await startMongo();
    const { pid, port } = server;
    t.true(lives(pid));
    await server.kill('SIGKILL');
    t.false(lives(pid));
    await server.restart();
    t.not(server.pid, pid);
    t.is(server.port, port);
    const second = server.pid;
    await server.kill('SIGSTOP');
    await server.stop();
    t.false(lives(second));
  });
}
