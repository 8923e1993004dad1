// Builds what runs without TypeScript: one bundle for berthd and one for the CLI, each with the workspaces in it and npm
// packages left outside. `--packages` also emits @berth/client (and what it needs) as modules with types.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const BUNDLES = [
  { entry: 'services/berthd/src/main.ts', out: 'services/berthd/dist/berthd.js' },
  { entry: 'clients/cli/src/main.ts', out: 'clients/cli/dist/berth.js' },
];

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

/**
 * Builds one bundle. What is imported dynamically becomes a chunk of its own beside it, so that a short command loads only
 * what it needs. Chunks of earlier builds are removed when the new ones are there.
 */
async function bundle({ entry, out }) {
  const outdir = join(root, dirname(out));
  const { metafile } = await build({
    entryPoints: [{ in: join(root, entry), out: basename(out, '.js') }],
    outdir,
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@berth/source'],
    plugins: [npmOutside],
    sourcemap: true,
    metafile: true,
    absWorkingDir: root,
    logLevel: 'warning',
  });
  const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
  for (const name of readdirSync(outdir)) {
    if (name.startsWith('chunk-') && !made.has(name)) rmSync(join(outdir, name));
  }
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

await Promise.all(BUNDLES.map(bundle));
if (process.argv.includes('--packages')) emitPackages();
