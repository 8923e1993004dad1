import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/**
 * Runs a program in the foreground: it has our terminal, gets the signals that we get, and we wait for its end.
 * Resolves to its exit code; 128 + the number of the signal that ended it.
 */
export function runChild(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const passOn = (signal) => {
    // Ctrl-C in a terminal reaches the whole foreground group, and so the child, without our help.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of PASSED_ON) process.off(name, passOn);
      resolve(signal === null ? code : 128 + constants.signals[signal]);
    });
  });
}
