import type { ChildProcess } from 'node:child_process';
import { findProgram } from './find-program.js';

const children = new Set<ChildProcess>();

function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Kills a child process when this process exits before it, so that no test leaves a server behind. */
export function dieWithUs(child: ChildProcess): void {
  if (children.size === 0) process.once('exit', killAll);
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) process.off('exit', killAll);
  });
}

/**
 * The command line that runs a program so that it is killed with this process, also when this one is killed and runs no
 * clean-up: where the system has setpriv (Linux). The process is the program's own.
 */
export function boundToUs(program: string, ...args: string[]): [program: string, ...args: string[]] {
  const setpriv = findProgram('setpriv');
  return setpriv === undefined ? [program, ...args] : [setpriv, '--pdeathsig', 'KILL', program, ...args];
}
