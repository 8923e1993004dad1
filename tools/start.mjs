// npm start [-- flags of berthd]: installs what is missing, builds, and runs every role in one process, with ./data and
// the example inventory, kinds of records and pools.
import './node-version.mjs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { ensureInstalled, root } from './install.mjs';

async function step(script) {
  const code = await runChild(process.execPath, [join(root, 'tools', script)], { cwd: root });
  if (code !== 0) process.exit(code);
}

const installCode = await ensureInstalled();
if (installCode !== 0) process.exit(installCode);
await step('generate.mjs');
await step('build.mjs');

const given = process.argv.slice(2);
const args = [
  join(root, 'services/berthd/bin/berthd.js'),
  '--inventory',
  'examples/inventory.yaml',
  '--kinds',
  'examples/kinds.yaml',
  '--pools',
  'examples/pools.yaml',
  '--hints',
  ...given,
];
process.exit(await runChild(process.execPath, args, { cwd: root }));
