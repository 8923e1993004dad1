// npm run bench [-- suites]: builds the bundles and runs the benchmarks; the table goes to the terminal, the figures to
// bench/results/latest.json.
import './node-version.mjs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { ensureInstalled, root } from './install.mjs';

async function orExit(promise) {
  const code = await promise;
  if (code !== 0) process.exit(code);
}

await orExit(ensureInstalled());
await orExit(runChild(process.execPath, [join(root, 'tools/generate.mjs')], { cwd: root }));
await orExit(runChild(process.execPath, [join(root, 'tools/build.mjs')], { cwd: root }));
const main = join(root, 'bench/main.ts');
const args = ['--import=tsx', '--conditions=@berth/source', main, ...process.argv.slice(2)];
process.exit(await runChild(process.execPath, args, { cwd: root }));
