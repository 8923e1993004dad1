import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import type { BenchContext } from './suite.js';

/** Leaves npm packages outside and takes our own workspaces in, as tools/build.mjs does for berthd. */
const npmOutside: Plugin = {
  name: 'npm-outside',
  setup(plugin) {
    plugin.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@berth/') ? undefined : { path, external: true },
    );
  },
};

/** Bundles the ceiling and the load like berthd, so that none of them pays for being TypeScript. */
export async function buildPrograms(root: string): Promise<BenchContext['programs']> {
  const outdir = join(root, '.cache/bench');
  await build({
    entryPoints: [
      { in: join(root, 'bench/servers/ceiling-main.ts'), out: 'ceiling' },
      { in: join(root, 'bench/load/load-main.ts'), out: 'load' },
      { in: join(root, 'bench/servers/http-json-main.ts'), out: 'http-json' },
    ],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@berth/source'],
    plugins: [npmOutside],
    sourcemap: true,
    absWorkingDir: root,
    logLevel: 'warning',
  });
  return {
    ceiling: join(outdir, 'ceiling.mjs'),
    load: join(outdir, 'load.mjs'),
    httpJson: join(outdir, 'http-json.mjs'),
    berthd: join(root, 'services/berthd/bin/berthd.js'),
  };
}
