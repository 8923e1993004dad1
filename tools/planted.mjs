// npm run planted [-- names or options]: plants the bugs of tests/planted one at a time into a copy of the tree, runs the test
// that must catch each one, and prints the score. Exits 1 when one was not caught.
//   NAME…        only these bugs (parts of a name will do)
//   --some N     N of them, chosen by the commit, so that each has its turn
//   --times N    each so many times in a row (default 1)
//   --sound      runs each test without its bug too: it must pass then
//   --list       prints the bugs and their tests
//   --check      only looks whether each still applies to the tree and its test is there
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, root } from './install.mjs';
import { plantedBugs } from './planted-bugs.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    some: { type: 'string' },
    times: { type: 'string', default: '1' },
    sound: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});

const tree = join(root, '.cache/planted/tree');
/** Outside any repository, so that `git apply` takes paths as they are. */
const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(tree) };

function run(command, args, options) {
  return spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
}

/**
 * A copy of the working tree as git sees it, with the generated code. Its node_modules link to ours, but for those of the
 * project itself, which must lead to the copy.
 */
function copyTree() {
  rmSync(tree, { recursive: true, force: true });
  const files = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of new Set(files.stdout.split('\0'))) {
    if (file !== '') cpSync(join(root, file), join(tree, file), { recursive: true, errorOnExist: false });
  }
  for (const folder of ['proto/gen', 'proto/third_party']) {
    cpSync(join(root, folder), join(tree, folder), { recursive: true });
  }
  const modules = join(tree, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@berth') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  cpSync(join(root, 'node_modules/@berth'), join(modules, '@berth'), { recursive: true, verbatimSymlinks: true });
  // What a workspace has for itself alone.
  for (const link of readdirSync(join(modules, '@berth'))) {
    const own = join(realpathSync(join(root, 'node_modules/@berth', link)), 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(tree, relative(root, own)));
  }
  mkdirSync(join(tree, '.cache'), { recursive: true });
  symlinkSync(join(root, '.cache/bin'), join(tree, '.cache/bin'));
}

function patch(bug, ...options) {
  const { status, stderr } = run('git', ['apply', '--recount', ...options, bug.file], { cwd: tree, env });
  if (status !== 0) throw new Error(`${bug.name}: the patch does not apply:\n${stderr}`);
}

/** The titles of the tests that failed and of those that passed, among those that the bug names. */
function runTest({ test, match, runs, seed }) {
  const args = [join(root, 'node_modules/ava/entrypoints/cli.mjs'), '--tap', test, '-m', match];
  const { stdout } = run(process.execPath, args, {
    cwd: tree,
    env: { ...env, CI: '', ...(runs && { BERTH_RUNS: runs }), ...(seed && { BERTH_SEED: seed }) },
  });
  const titles = (start) => stdout.split('\n').filter((line) => line.startsWith(start));
  return { failed: titles('not ok'), passed: titles('ok'), stdout };
}

/** True when the test fails with the bug in it. A test that does not even load has caught nothing. */
function caught(bug) {
  const { failed } = runTest(bug);
  return failed.some((line) => !/No tests found|exited|Uncaught|could not be found/.test(line));
}

function passes(bug) {
  const { failed, passed } = runTest(bug);
  return failed.length === 0 && passed.length > 0;
}

function chosen() {
  const all = plantedBugs();
  if (positionals.length > 0) return all.filter(({ name }) => positionals.some((part) => name.includes(part)));
  if (values.some === undefined) return all;
  const { stdout } = run('git', ['rev-parse', 'HEAD'], { cwd: root });
  const rank = ({ name }) => createHash('sha256').update(stdout.trim()).update(name).digest('hex');
  return all.sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, Number(values.some));
}

/** What is wrong with a bug's patch or test; empty = nothing. */
function faultOf({ file, test }) {
  if (!existsSync(join(root, test))) return `there is no ${test}`;
  return run('git', ['apply', '--recount', '--check', file], { cwd: root }).stderr;
}

const bugs = chosen();
if (values.check) {
  const faulty = bugs.filter((bug) => faultOf(bug) !== '');
  for (const bug of faulty) console.log(`${bug.name}: ${faultOf(bug)}`);
  console.log(`${bugs.length - faulty.length} of ${bugs.length} planted bugs apply`);
  process.exit(faulty.length === 0 ? 0 : 1);
}
if (values.list) {
  for (const { name, title, test } of bugs) console.log(`${name}\n  ${title}\n  ${test}`);
  process.exit(0);
}
const installCode = await ensureInstalled();
if (installCode !== 0) process.exit(installCode);
run(process.execPath, [join(root, 'tools/generate.mjs')], { cwd: root });
copyTree();
const escaped = [];
for (const bug of bugs) {
  const started = performance.now();
  const verdicts = [];
  if (values.sound && !passes(bug)) verdicts.push('its test fails without it');
  patch(bug);
  for (let time = 0; time < Number(values.times); time++) verdicts.push(caught(bug) ? 'caught' : 'NOT CAUGHT');
  patch(bug, '--reverse');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${bug.name}: ${verdicts.join(', ')} (${seconds} s)`);
  if (verdicts.some((verdict) => verdict !== 'caught')) escaped.push(bug.name);
}
console.log(`\n${String(bugs.length - escaped.length)} of ${String(bugs.length)} planted bugs caught`);
if (escaped.length > 0) console.log(`Not caught: ${escaped.join(', ')}`);
process.exit(escaped.length === 0 && bugs.length > 0 ? 0 : 1);
