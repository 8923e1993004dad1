// npm start: installs what is missing, builds, and runs every role in one process. Arguments go to berthd.
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { ensureInstalled, root } from './install.mjs';

const NEXT = `
Berth serves on 127.0.0.1:7070. In a second terminal:

  npx berth ls
  npx berth run --query 'location=office1&attributes=[a]&entity_properties=[[c],[e]]' -- env
  npx berth queue

Ctrl-C stops it; data stay in ./data.
`;

function step(script) {
  const { status } = spawnSync(process.execPath, [join(root, 'tools', script)], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Prints what to try next as soon as the port answers; gives up quietly when `signal` aborts first. */
function tellWhenServing(port, signal) {
  if (signal.aborted) return;
  const again = () => setTimeout(() => tellWhenServing(port, signal), 50).unref();
  const socket = connect({ port, host: '127.0.0.1' });
  socket.unref();
  socket.on('connect', () => {
    socket.destroy();
    console.log(NEXT);
  });
  socket.on('error', again);
}

const installCode = await ensureInstalled();
if (installCode !== 0) process.exit(installCode);
step('generate.mjs');
step('build.mjs');

const extra = process.argv.slice(2);
const over = new AbortController();
if (extra.length === 0) tellWhenServing(7070, over.signal);
const args = [
  join(root, 'services/berthd/bin/berthd.js'),
  '--all',
  '--config',
  join(root, 'examples/berthd.yaml'),
  ...extra,
];
const code = await runChild(process.execPath, args, { cwd: root });
over.abort();
process.exit(code);
