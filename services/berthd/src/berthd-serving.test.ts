import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram, requireServer, tempFolder } from '@berth/testkit';
import test from 'ava';
import { berthd, servingPort } from './berthd-process.fixture.js';

const run = promisify(execFile);

test('it serves, prints what to try next, and stops at SIGTERM with code 0', async (t) => {
  const running = berthd(t, ['--all', '--listen', '127.0.0.1:0', '--data-dir', tempFolder(t), '--hints']);
  const port = await servingPort(running);
  running.process.kill('SIGTERM');
  t.is(await running.ended, 0, running.err());
  t.true(running.out().includes(`npx berth ls --address 127.0.0.1:${String(port)}`));
});

test('a port in use and a data directory in use are told with what to do', async (t) => {
  const dir = tempFolder(t);
  const first = berthd(t, ['--listen', '127.0.0.1:0', '--data-dir', dir]);
  const port = String(await servingPort(first));
  const samePort = berthd(t, ['--listen', `127.0.0.1:${port}`, '--data-dir', tempFolder(t)]);
  const sameData = berthd(t, ['--listen', '127.0.0.1:0', '--data-dir', dir]);
  t.is(await samePort.ended, 1);
  t.regex(samePort.err(), new RegExp(`127\\.0\\.0\\.1:${port} already; .*--listen`));
  t.is(await sameData.ended, 1);
  t.true(sameData.err().includes(`in use by process ${String(first.process.pid)}`), sameData.err());
});

if (requireServer(test, 'grpcurl')) {
  test('an empty lab gets the benches of the inventory, and grpcurl lists them with no proto file', async (t) => {
    const args = ['--listen', '127.0.0.1:0', '--data-dir', tempFolder(t), '--inventory', 'examples/inventory.yaml'];
    const port = await servingPort(berthd(t, args));
    const call = ['-plaintext', '-d', '{}', `127.0.0.1:${String(port)}`, 'berth.lease.v1.InventoryService/ListBenches'];
    const { stdout } = await run(findProgram('grpcurl') ?? 'grpcurl', call);
    const { benches } = JSON.parse(stdout) as { benches: { name: string }[] };
    t.deepEqual(
      benches.map(({ name }) => name),
      ['resource1'],
    );
  });
}
