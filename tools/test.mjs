// npm test [-- files and options of ava]: installs what is missing, generates, builds the bundles that tests of real
// processes run, and runs the tests.
import './node-version.mjs';
import { availableParallelism } from 'node:os';
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

const ava = join(root, 'node_modules/ava/entrypoints/cli.mjs');
const args = [ava, '--concurrency', String(availableParallelism()), ...process.argv.slice(2)];
process.exit(await runChild(process.execPath, args, { cwd: root }));
