import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@berth/client';
import { freePort, until } from '@berth/testkit';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

/** Whether a server answers there. */
async function serves(address: string): Promise<boolean> {
  await using berth = connect({ address, timeoutMs: 1_000 });
  try {
    await berth.lease.listLeases({}, { retry: false });
    return true;
  } catch {
    return false;
  }
}

test('npm start passes SIGTERM on: berthd ends with it, and the port is free', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-start-'));
  const address = `127.0.0.1:${String(await freePort())}`;
  const args = ['start', '--silent', '--', '--listen', address, '--data-dir', join(dir, 'data')];
  // A group of its own, so that nothing of it outlives this test when it fails.
  const npm = spawn('npm', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  t.teardown(() => {
    try {
      process.kill(-(npm.pid ?? 0), 'SIGKILL');
    } catch {
      // All of it has ended, as it should.
    }
    rmSync(dir, { recursive: true, force: true });
  });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  await until(() => serves(address), { what: 'npm start to serve', timeoutMs: 120_000 });
  const gone = once(npm, 'exit');
  npm.kill('SIGTERM');
  await gone;
  await until(async () => !(await serves(address)), { what: `the port to be free; it wrote ${output}` });
  // Signal 0 asks whether anything of the group is left.
  await until(
    () => {
      try {
        return !process.kill(-(npm.pid ?? 0), 0);
      } catch {
        return true;
      }
    },
    { what: 'all processes to be gone' },
  );
  t.false(await serves(address));
});
