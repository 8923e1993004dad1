// Builds what runs without TypeScript: bundles of berthd and of the CLI, each with everything it needs in it: reading a few
// files instead of some hundred modules halves the time to start. Programs that run meanwhile are not disturbed.
// `--packages` also makes @berth/client as it is published: modules with types.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await Promise.all([bundle(join(root, 'services/berthd'), 'berthd'), bundle(join(root, 'clients/cli'), 'berth')]);
} catch (error) {
  // esbuild has told what is wrong with the source.
  if (error.errors === undefined) console.error(error);
  process.exit(1);
}
if (process.argv.includes('--packages')) await import('../clients/ts/tools/build.mjs');
