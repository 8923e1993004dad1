import { createHash } from 'node:crypto';

/** The hash that stands in place of the line before where there is none. */
export const NO_LINE = '0'.repeat(64);

const HASHED = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/s;

/** A line of an audit file, and its hash, which the next line names. */
export interface AuditLine {
  readonly text: string;
  readonly hash: string;
}

/** A line with these facts, after the line whose hash is `prev`. */
export function auditLine(facts: object, prev: string): AuditLine {
  const body = JSON.stringify({ ...facts, prev }).slice(0, -1);
  const hash = hashOf(body);
  return { text: `${body},"hash":"${hash}"}`, hash };
}

/** What a line says of itself; undefined when it is not a line of an audit file. */
export function readAuditLine(
  text: string,
): { readonly isWhole: boolean; readonly prev: string; readonly hash: string; readonly facts: Facts } | undefined {
  const [, body, hash] = HASHED.exec(text) ?? [];
  if (body === undefined || hash === undefined) return undefined;
  try {
    const facts = JSON.parse(`${body}}`) as Facts;
    return { isWhole: hashOf(body) === hash, prev: String(facts.prev), hash, facts };
  } catch {
    return undefined;
  }
}

interface Facts {
  readonly prev?: unknown;
  /** In the first line of a file: the file that came before. */
  readonly after?: unknown;
}

function hashOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
