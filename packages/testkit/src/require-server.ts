import { findProgram } from './find-program.js';

/** The part of ava's `test` that is needed here. */
interface Skipping {
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
  const line = `${program} is not on this machine: its tests are left out (tools/test-servers installs it)`;
  if (process.env['CI'] === 'true') throw new Error(line);
  if (!said.has(line)) test.skip(line, () => undefined);
  said.add(line);
  return false;
}
