// Gets better-sqlite3 for a Node.js that has no SQLite of its own (before 22.13), from the lock file in
// tools/better-sqlite3, and links it into node_modules. Does nothing on a newer one, or when it is there and works.
// `npm install` and `npm ci` run this file at their end.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = join(root, 'tools/better-sqlite3');
const fetched = join(home, 'node_modules/better-sqlite3');
const link = join(root, 'node_modules/better-sqlite3');

/** Whether it runs on this Node.js: one that another version compiled does not. */
function works(folder) {
  if (!existsSync(folder)) return false;
  try {
    const Database = createRequire(import.meta.url)(folder);
    new Database(':memory:').close();
    return true;
  } catch {
    return false;
  }
}

/** True while node-gyp works on it: npm shows nothing of that. */
function compiling() {
  return existsSync(join(fetched, 'build')) && !existsSync(join(fetched, 'build/Release/better_sqlite3.node'));
}

async function fetchDriver() {
  console.log(`Node.js ${process.versions.node} has no SQLite of its own: installing better-sqlite3 (npm ci) …`);
  const code = await npm('ci', home, () =>
    compiling()
      ? 'compiling better-sqlite3, as no ready-made file could be downloaded; one to two minutes'
      : 'still installing',
  );
  if (code !== 0) console.error('Node.js 22.13 and newer need no better-sqlite3.');
  return code;
}

function linkDriver() {
  rmSync(link, { recursive: true, force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(relative(dirname(link), fetched), link, 'dir');
}

/** Resolves to 0 when this Node.js has a driver for SQLite, to npm's exit code otherwise. */
export async function ensureSqliteDriver() {
  if (isBuiltin('node:sqlite') || works(link)) return 0;
  if (!works(fetched)) {
    const code = await fetchDriver();
    if (code !== 0) return code;
  }
  linkDriver();
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await ensureSqliteDriver());
