import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

function bench(...args: readonly string[]) {
  const node = ['--import=tsx', '--conditions=@berth/source', 'bench/main.ts', ...args];
  return spawnSync(process.execPath, node, { cwd: ROOT, encoding: 'utf8' });
}

test('the benchmarks tell their suites and options, and what is wrong with others', (t) => {
  const { status, stdout, stderr } = bench('--help');
  t.is(status, 0, stderr);
  for (const option of ['--quick', '--against FOLDER', '--help']) t.true(stdout.includes(option), option);
  const page = readFileSync(join(ROOT, 'docs/benchmarks.md'), 'utf8');
  const onPage = [...page.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name ?? '');
  t.true(onPage.length > 5);
  const told = [...stdout.matchAll(/^ {2}([a-z-]+) +\S/gm)].map(([, name]) => name ?? '');
  t.deepEqual(told.filter((name) => !name.startsWith('-')).sort(), onPage.sort());
  for (const [args, fault] of [
    [['nosuch'], /^There is no suite 'nosuch'\.\n\nnpm run bench -- /],
    [['--fast'], /^Unknown option '--fast'[^]*\n\nnpm run bench -- /],
  ] as const) {
    const wrong = bench(...args);
    t.is(wrong.status, 2, wrong.stderr);
    t.regex(wrong.stderr, fault);
  }
});
