// npm run lint: every check that needs no test run. All run, side by side, also when one fails; the exit code tells.
import './node-version.mjs';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const script = (name) => [process.execPath, join(root, 'tools', name)];
const FOLDERS = ['packages', 'services', 'clients', 'tests', 'bench', 'examples'];

const CHECKS = [
  { title: 'types (tsc)', command: [bin('tsc'), '-p', 'tsconfig.json'] },
  {
    title: 'ESLint',
    command: [
      bin('eslint'),
      '--max-warnings=0',
      '--cache',
      '--cache-location=.cache/eslint/',
      '--cache-strategy=content',
      '.',
    ],
  },
  {
    title: 'Prettier',
    command: [bin('prettier'), '--check', '--log-level=warn', '--cache', '--cache-location=.cache/prettier', '.'],
  },
  {
    title: 'import rules (dependency-cruiser)',
    command: [bin('depcruise'), '--config', '.dependency-cruiser.mjs', ...FOLDERS],
  },
  { title: 'unused files, exports and dependencies (knip)', command: [bin('knip'), '--no-progress'] },
  { title: 'lock file, complete for every platform', command: [...script('complete-lock.mjs'), '--check'] },
  { title: 'protos (buf lint)', command: [bin('buf'), 'lint'] },
  {
    title: 'proto formatting (buf format)',
    command: [bin('buf'), 'format', '--diff', '--exit-code', '--path', 'proto/berth'],
  },
  { title: 'compatibility of protos (buf breaking)', command: script('buf-breaking.mjs') },
];

/** Runs a check and resolves to whether it passed; what it printed comes in one piece. */
function run({ title, command: [file, ...args] }) {
  const started = performance.now();
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    });
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => (output += `${error.message}\n`));
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`\n== ${title}: ${code === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
      if (output.trim() !== '') console.log(output.trimEnd());
      resolve(code === 0);
    });
  });
}

const installCode = await ensureInstalled();
if (installCode !== 0) process.exit(installCode);
const results = [
  { title: 'generated code', passed: await run({ title: 'generated code', command: script('generate.mjs') }) },
];
const waiting = [...CHECKS];
async function worker() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    results.push({ title: check.title, passed: await run(check) });
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));

const failed = results.filter(({ passed }) => !passed).map(({ title }) => title);
console.log(
  failed.length === 0 ? '\nlint: all checks passed' : `\nlint: ${failed.length} failed: ${failed.join('; ')}`,
);
process.exit(failed.length === 0 ? 0 : 1);
