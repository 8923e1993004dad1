import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';
import { ensureSqliteDriver } from './sqlite-driver.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const installed = join(root, 'node_modules/.package-lock.json');

function upToDate() {
  if (!existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/**
 * Installs the dependencies when there are none, or older ones than package-lock.json names, and a driver for SQLite where
 * Node.js has none. Resolves to npm's exit code, 0 when there was nothing to do.
 */
export async function ensureInstalled() {
  if (!upToDate()) {
    // `ci` installs exactly what the lock file says; `install` keeps what is there already.
    const command = existsSync(installed) ? 'install' : 'ci';
    console.log(`Installing dependencies (npm ${command}) …`);
    const code = await npm(command, root);
    if (code !== 0) return code;
  }
  // Also when nothing was installed: the last install may have been another Node.js's.
  return ensureSqliteDriver();
}
