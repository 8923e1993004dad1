import { spawn } from 'node:child_process';

const REPORT_MS = 15_000;

/**
 * Runs npm in the foreground in a folder, and every 15 s says what it does: npm itself is silent for minutes. Resolves to
 * its exit code.
 */
export function npm(command, folder, doing = () => 'still installing') {
  const started = Date.now();
  const report = setInterval(() => {
    console.log(`  ${Math.round((Date.now() - started) / 1000)} s: ${doing()} …`);
  }, REPORT_MS);
  return new Promise((resolve) => {
    const child = spawn('npm', [command], { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
    child.on('error', (error) => {
      clearInterval(report);
      console.error(`npm could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => {
      clearInterval(report);
      if (code !== 0) console.error(`npm ${command} failed; see its messages above.`);
      resolve(code ?? 1);
    });
  });
}
