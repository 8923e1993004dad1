// Builds what runs without TypeScript: bundles of berthd and of the CLI, each with everything it needs in it, split so that
// a start loads what it uses only: reading a few files instead of some hundred modules halves the time to start.
// `--packages` also makes @berth/client as it is published: modules with types.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Left outside the bundles: a file that is read. */
const OUTSIDE = ['@berth/proto/descriptor.binpb'];

async function bundle(folder, name) {
  const dist = join(root, folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  await build({
    entryPoints: { [name]: join(root, folder, 'src/main.ts') },
    outdir: dist,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    conditions: ['@berth/source'],
    external: OUTSIDE,
    sourcemap: true,
    // CommonJS packages in an ESM bundle call `require` for node's own modules.
    banner: {
      js: "import { createRequire as berthCreateRequire } from 'node:module'; const require = berthCreateRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

try {
  await Promise.all([bundle('services/berthd', 'berthd'), bundle('clients/cli', 'berth')]);
} catch {
  // esbuild has told what is wrong.
  process.exit(1);
}
if (process.argv.includes('--packages')) await import('../clients/ts/tools/build.mjs');
