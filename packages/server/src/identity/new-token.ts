import { randomBytes } from 'node:crypto';
import type { Role } from './role.js';
import { tokenDigest } from './token-file.js';

/** What a token shall be for. */
export interface TokenPurpose {
  readonly name: string;
  readonly role: Role;
  readonly team?: string | undefined;
  /** A time (RFC 3339) or a date. */
  readonly expires?: string | undefined;
  /** Limits it to these benches. */
  readonly benches?: readonly string[] | undefined;
}

const TOKEN_BYTES = 32;

/**
 * A token that nobody had before, and its line for a file of tokens, in which it is not: from the line alone it cannot be
 * found.
 */
export function newToken({ name, role, team, expires, benches }: TokenPurpose): { token: string; line: string } {
  const token = `berth_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  const entry = { name, role, team, expires, benches, sha256: tokenDigest(token) };
  const parts = Object.entries(entry).flatMap(([key, value]) =>
    // Texts in JSON are texts in YAML too, whatever is in them.
    value === undefined ? [] : [`${key}: ${key === 'role' ? String(value) : JSON.stringify(value)}`],
  );
  return { token, line: `- { ${parts.join(', ')} }` };
}
