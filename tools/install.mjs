import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const installed = join(root, 'node_modules/.package-lock.json');
const driver = join(root, 'node_modules/better-sqlite3');
const REPORT_MS = 15_000;

function upToDate() {
  if (!existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/** True while node-gyp works on better-sqlite3: npm shows nothing of it. */
function compiling() {
  return existsSync(join(driver, 'build')) && !existsSync(join(driver, 'build/Release/better_sqlite3.node'));
}

/**
 * Installs the dependencies when there are none, or older ones than package-lock.json names. Tells every 15 s what takes
 * so long. Resolves to npm's exit code, 0 when there was nothing to do.
 */
export function ensureInstalled() {
  if (upToDate()) return Promise.resolve(0);
  // `ci` installs exactly what the lock file says; `install` keeps what is there already.
  const command = existsSync(installed) ? 'install' : 'ci';
  console.log(`Installing dependencies (npm ${command}) …`);
  const started = Date.now();
  const report = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const what = compiling()
      ? 'compiling better-sqlite3, as no ready-made file could be downloaded; one to two minutes'
      : 'still installing';
    console.log(`  ${seconds} s: ${what} …`);
  }, REPORT_MS);
  return new Promise((resolve) => {
    const npm = spawn('npm', [command], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
    npm.on('error', (error) => {
      clearInterval(report);
      console.error(`npm could not be started: ${error.message}`);
      resolve(1);
    });
    npm.on('exit', (code) => {
      clearInterval(report);
      if (code !== 0) console.error(`npm ${command} failed; see its messages above.`);
      resolve(code ?? 1);
    });
  });
}
