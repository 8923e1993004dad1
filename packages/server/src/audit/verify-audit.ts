import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NO_LINE, readAuditLine } from './audit-line.js';

/** What there is to say of an audit file. */
export interface AuditVerdict {
  /** Lines that are whole, from the first one on. */
  readonly lines: number;
  /** The first line that is not as it was written, counted from 1. */
  readonly broken?: { readonly line: number; readonly what: string };
  /** Not a change by somebody, and worth a look: a last line that is torn, a file before this one that is not there. */
  readonly notes: readonly string[];
}

/**
 * Reads an audit file: each line must have its own hash, and that of the line before. Lines that were cut off at the end are
 * not seen, unless a later file names the last one. Throws what reading the file throws.
 */
export function verifyAudit(path: string): AuditVerdict {
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const notes: string[] = [];
  let prev: string | undefined;
  for (const [i, line] of lines.entries()) {
    const read = readAuditLine(line);
    const broken = (what: string): AuditVerdict => ({ lines: i, broken: { line: i + 1, what }, notes });
    if (read === undefined) return broken('is not a line of an audit file, or was changed');
    if (!read.isWhole) return broken('was changed');
    const expected = prev ?? hashBefore(path, read.facts.after, notes);
    if (expected !== undefined && read.prev !== expected) {
      return broken(
        i === 0 ? WHERE_FILES_PART : 'does not follow the line before it: lines were removed, added or swapped',
      );
    }
    prev = read.hash;
  }
  if (rest !== '') {
    notes.push(`line ${String(lines.length + 1)} is torn: the process ended while it wrote it`);
  }
  return { lines: lines.length, notes };
}

const WHERE_FILES_PART =
  'does not follow the last line of the file before it, or is not the first line that this file had: lines were removed';

/** The hash of the last line of the file that came before; undefined when that file is not there. */
function hashBefore(path: string, after: unknown, notes: string[]): string | undefined {
  if (typeof after !== 'string') return NO_LINE;
  const file = join(dirname(path), after);
  if (!existsSync(file)) {
    notes.push(`the file before this one, ${after}, is not there`);
    return undefined;
  }
  const whole = readFileSync(file, 'utf8').split('\n').reverse().map(readAuditLine);
  return whole.find((line) => line !== undefined)?.hash ?? NO_LINE;
}
