import { findProgram } from './find-program.js';

/** The part of ava's `test` that is needed here. */
export interface Skipping {
  readonly skip: (title: string, run: () => void) => void;
}

/** What a test file has said already: ava takes each title once. */
const said = new Set<string>();

/**
 * Whether the program is on this machine, so that a test file can register its tests. When it is not, registers one skipped
 * test that says so; with CI=true throws, so that nothing is passed over silently there.
 */
export function requireServer(test: Skipping, program: string): boolean {
  if (findProgram(program) !== undefined) return true;
  leaveOut(test, program);
  return false;
}

/** Registers a skipped test that says what is missing, once a test file; with CI=true throws that instead. */
export function leaveOut(test: Skipping, what: string, cause?: unknown): void {
  const line = `${what} is not on this machine: its tests are left out (tools/test-servers installs it)`;
  if (process.env['CI'] === 'true') throw new Error(line, { cause });
  if (!said.has(line)) test.skip(line, () => undefined);
  said.add(line);
}
