import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, tempFolder, until } from '@berth/testkit';
import test from 'ava';

interface Packages {
  readonly packAll: (folder: string) => Promise<readonly string[]>;
}
const { packAll } = (await import(new URL('../../tools/packages.mjs', import.meta.url).href)) as Packages;
const run = promisify(execFile);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasSqlite = major > 22 || (major === 22 && minor >= 13);

test('the packages install into an empty folder, serve and lease, and a program can use the client', async (t) => {
  const folder = tempFolder(t);
  const tarballs = await packAll(join(folder, 'tarballs'));
  t.deepEqual(
    tarballs.map((tarball) => tarball.replace(/^.*\//, '')),
    ['berth-client-0.1.0.tgz', 'berth-berthd-0.1.0.tgz', 'berth-cli-0.1.0.tgz'],
  );
  const user = join(folder, 'user');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{"type":"module","private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd: user });
  // Node.js 20 has no SQLite: there a user installs this beside, which would compile it once more.
  const driver = 'node_modules/better-sqlite3';
  if (!hasSqlite) symlinkSync(join(import.meta.dirname, '../..', driver), join(user, driver));
  const bin = (name: string): string => join(user, 'node_modules/.bin', name);
  const address = `127.0.0.1:${String(await freePort())}`;
  writeFileSync(join(user, 'inventory.yaml'), 'pool: { resources: { desk-1: { attributes: [a] } } }\n');

  const flags = ['--listen', address, '--http', 'none', '--inventory', 'inventory.yaml'];
  const berthd = spawn(bin('berthd'), flags, { cwd: user, stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => berthd.kill('SIGKILL'));
  let log = '';
  berthd.stderr.on('data', (data: Buffer) => (log += data.toString()));
  await until(() => log.includes('serving'), { what: 'berthd to serve' });

  // Without the conditions under which these tests run from source.
  const env = { ...process.env, NODE_OPTIONS: '', BERTH_ADDRESS: address };
  const { stdout } = await run(bin('berth'), ['run', '--bench', 'desk-1', '--', 'printenv', 'BERTH_BENCH'], {
    cwd: user,
    env,
  });
  t.is(stdout, 'desk-1\n');
  const program = `
    import { connect } from '@berth/client';
    const berth = connect({ address: '${address}' });
    const { benches } = await berth.inventory.listBenches({});
    console.log(benches.map(({ name }) => name).join());
    berth.close();`;
  writeFileSync(join(user, 'list.js'), program);
  t.is((await run(process.execPath, ['list.js'], { cwd: user, env })).stdout, 'desk-1\n');

  const ended = once(berthd, 'exit');
  berthd.kill('SIGTERM');
  t.deepEqual(await ended, [0, null]);
});
