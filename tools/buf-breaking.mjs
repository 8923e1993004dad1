// Compares the protos with those of the last commit on main that has others (`buf breaking`); exits with buf's code.
//   node tools/buf-breaking.mjs            in this checkout
//   node tools/buf-breaking.mjs --root DIR in another one (tests)
// BERTH_PROTO_BASE names another commit to compare with.
//
// On main itself, with nothing changed, that is the commit before the one that touched the protos last: what the newest
// change did to its readers. On a branch, or with uncommitted changes, it is main.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROTOS = 'proto/berth';
const here = dirname(dirname(fileURLToPath(import.meta.url)));
const given = process.argv.indexOf('--root');
const root = given === -1 ? here : resolve(process.argv[given + 1]);

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** The commit to compare with, or why there is none. */
function base() {
  const named = process.env.BERTH_PROTO_BASE;
  if (named) return git('rev-parse', '--verify', '--quiet', `${named}^{commit}`) ?? fail(`no commit ${named}`);
  if (git('rev-parse', '--git-dir') === null) return skip('not a git checkout');
  const main = ['origin/main', 'main', 'HEAD'].find((ref) =>
    git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`),
  );
  if (main === undefined) return skip('no commit yet');
  const changedHere =
    git('status', '--porcelain', '--', PROTOS) !== '' || git('diff', '--quiet', main, '--', PROTOS) === null;
  const last = changedHere ? main : git('log', '-1', '--format=%H^', main, '--', PROTOS);
  if (!last || git('rev-parse', '--verify', '--quiet', `${last}^{commit}`) === null) {
    return skip('no earlier commit here (a first commit, or a shallow clone)');
  }
  if (!git('ls-tree', '-r', '--name-only', last, '--', PROTOS)) return skip('no commit on main has a proto yet');
  return last;
}

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(0);
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

/** Writes the commit's protos to `dir` as a module layout of its own: third_party is made, not committed, so it is ours. */
function checkOut(commit, dir) {
  const archive = execFileSync('git', ['archive', '--format=tar', commit, PROTOS], { cwd: root, maxBuffer: 64 << 20 });
  execFileSync('tar', ['-x', '-C', dir], { input: archive });
  cpSync(join(root, 'buf.yaml'), join(dir, 'buf.yaml'));
  cpSync(join(root, 'proto/third_party'), join(dir, 'proto/third_party'), { recursive: true });
}

const commit = base();
if (!existsSync(join(root, 'proto/third_party'))) fail('proto/third_party is missing: run npm run generate first');
const before = mkdtempSync(join(tmpdir(), 'berth-proto-'));
try {
  checkOut(commit, before);
  console.log(`against ${git('log', '-1', '--format=%h %s', commit)}`);
  const buf = join(here, 'node_modules/.bin/buf');
  process.exitCode = spawnSync(buf, ['breaking', '--against', before], { cwd: root, stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(before, { recursive: true, force: true });
}
