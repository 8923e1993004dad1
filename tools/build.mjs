// Builds what runs without TypeScript: a bundle for berthd, with the workspaces in it and npm packages left outside, and
// one for the CLI. `--packages` also emits @berth/client (and what it needs) as modules with types.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Leaves npm packages outside, but takes our own workspaces in. */
const npmOutside = {
  name: 'npm-outside',
  setup(plugin) {
    plugin.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || path.startsWith('@berth/')) return undefined;
      return { path, external: true };
    });
  },
};

async function bundleBerthd() {
  await build({
    entryPoints: [join(root, 'services/berthd/src/main.ts')],
    outfile: join(root, 'services/berthd/dist/berthd.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@berth/source'],
    plugins: [npmOutside],
    sourcemap: true,
    logLevel: 'warning',
  });
}

/** Emits every workspace by tsc, and moves what @berth/client needs at run time into its dist folder. */
function emitPackages() {
  const out = join(root, '.cache/emit');
  rmSync(out, { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  for (const [from, to] of [
    ['proto/gen', 'proto/dist'],
    ['packages/kernel/src', 'packages/kernel/dist'],
    ['clients/ts/src', 'clients/ts/dist'],
  ]) {
    rmSync(join(root, to), { recursive: true, force: true });
    cpSync(join(out, from), join(root, to), { recursive: true });
  }
}

try {
  // The CLI's own script, as its bundle is made for a quick start: npm packages in it, a chunk for each command.
  await Promise.all([bundleBerthd(), import('../clients/cli/tools/build.mjs')]);
} catch {
  // esbuild has told what is wrong.
  process.exit(1);
}
if (process.argv.includes('--packages')) emitPackages();
