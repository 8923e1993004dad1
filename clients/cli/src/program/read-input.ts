import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.js';

/** The text of a file that was named as an argument, `-` = stdin. Throws UsageError; `what` says what file it should be. */
export function readInput(file: string, what: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), `name ${what}, or - for stdin`);
  }
}
