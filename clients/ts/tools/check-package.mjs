// Checks what would be published: publint and attw on the packed tarball, then an install of it into an empty folder, where
// node imports it and tsc compiles a user's file against its types.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));
const bin = (name) => join(root, 'node_modules/.bin', name);
const run = (command, args, cwd = here) => execFileSync(command, args, { cwd, stdio: 'inherit' });

const USER = `
import { BerthError, connect, type LeaseHandle } from '@berth/client';
import { leaseFixture } from '@berth/client/fixtures';

export async function flash(): Promise<string | undefined> {
  await using berth = connect({ address: '127.0.0.1:7070' });
  await using lease: LeaseHandle = await berth.acquire({ query: 'attributes=[a]', wait: '10m' });
  return lease.benches[0].entities['dut']?.properties['socket'];
}
export const fixture = leaseFixture({ bench: 'resource1' });
export const isBusy = (error: unknown): boolean => error instanceof BerthError && error.reason === 'BENCH_BUSY';
`;

const folder = mkdtempSync(join(tmpdir(), 'berth-client-'));
try {
  run(process.execPath, [join(here, 'tools/build.mjs')]);
  run('npm', ['pack', '--silent', '--pack-destination', folder]);
  const tarball = join(folder, 'berth-client-0.1.0.tgz');
  run(bin('publint'), ['--strict', tarball]);
  run(bin('attw'), [tarball, '--profile', 'esm-only']);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', type: 'module', private: true }));
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', tarball], folder);
  const script =
    "const m = await import('@berth/client'); m.connect().close(); await import('@berth/client/fixtures');";
  run(process.execPath, ['--input-type=module', '-e', script], folder);
  writeFileSync(join(folder, 'user.ts'), USER);
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--target', 'es2023', '--lib', 'es2023,esnext.disposable'];
  run(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      'user.ts',
      '--noEmit',
      '--module',
      'nodenext',
      '--types',
      'node',
      ...strict,
    ],
    folder,
  );
  console.log('the package stands alone: it packs, installs, imports and type-checks');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
