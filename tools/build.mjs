// Builds what runs without TypeScript: a bundle for berthd, with the workspaces in it and npm packages left outside, and
// one for the CLI. `--packages` also makes @berth/client as it is published: modules with types.
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

try {
  // The CLI's own script, as its bundle is made for a quick start: npm packages in it, a chunk for each command.
  await Promise.all([bundleBerthd(), import('../clients/cli/tools/build.mjs')]);
} catch {
  // esbuild has told what is wrong.
  process.exit(1);
}
if (process.argv.includes('--packages')) await import('../clients/ts/tools/build.mjs');
