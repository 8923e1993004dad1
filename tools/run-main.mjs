// node tools/run-main.mjs MAIN [arguments]: installs what is missing, generates, builds the bundles that real processes are
// started from, and runs a program of this repository from its source (npm run bench, npm run load).
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
const [main = '', ...given] = process.argv.slice(2);
const args = ['--import=tsx', '--conditions=@berth/source', join(root, main), ...given];
process.exit(await runChild(process.execPath, args, { cwd: root }));
