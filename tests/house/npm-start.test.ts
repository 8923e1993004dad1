import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

/** The first steps with a pool, word for word but for the address. Resolves to what each step printed. */
async function firstTicket(address: string): Promise<readonly string[]> {
  const script = `
    id=$(npx berth ticket --tag random_number)
    npx berth ticket-wait $id
    npx berth ticket-check $id
    npx berth ticket-list
    npx berth resource-list
    npx berth ticket-close $id
    npx berth run --attr random_number -- sh -c 'echo $BERTH_DATA'`;
  const env = { ...process.env, BERTH_ADDRESS: address, BERTH_USER: 'ann' };
  const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: ROOT, env });
  return stdout.split('\n');
}

test('npm start has pools to try, and passes SIGTERM on: berthd ends with it, and the port is free', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-start-'));
  const address = `127.0.0.1:${String(await freePort())}`;
  const args = [
    'start',
    '--silent',
    '--',
    '--listen',
    address,
    '--http',
    '127.0.0.1:0',
    '--data-dir',
    join(dir, 'data'),
  ];
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
  const [waited = '', checked, ticket, ...rest] = await firstTicket(address);
  t.regex(waited, /^ +\d+$/);
  t.is(checked, waited);
  const name = /resource=(pool_random_numbers_\d{8}_\d{8}_\d{6})$/.exec(ticket ?? '')?.[1] ?? '';
  t.is(ticket, `1 - state=OPEN tags=random_number resource=${name}`);
  const tags = 'tags=random_number,shell_number';
  t.regex(
    rest.join('\n'),
    new RegExp(`^\\d+ - ${name} pool=pool_random_numbers ${tags} status=UP releases=0 ticket=1$`, 'm'),
  );
  t.regex(rest.at(-2) ?? '', /^\d+$/, 'a lease has what the same pool made');
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
