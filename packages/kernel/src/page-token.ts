import { createHash } from 'node:crypto';
import { BerthError } from './errors.js';

function binding(scope: unknown): string {
  return createHash('sha256').update(JSON.stringify(scope)).digest('base64url').slice(0, 12);
}

/** A page token that continues after `key`, bound to `scope` (the list's other arguments). Opaque to callers. */
export function encodePageToken(key: string, scope: unknown): string {
  return Buffer.from(JSON.stringify([binding(scope), key])).toString('base64url');
}

/** The key in a token, or undefined for the first page. Throws INVALID_PAGE_TOKEN for a foreign or mangled token. */
export function decodePageToken(token: string, scope: unknown): string | undefined {
  if (token === '') return undefined;
  try {
    const [bound, key] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, string];
    if (bound === binding(scope) && typeof key === 'string') return key;
  } catch {
    // Not one of our tokens; told below.
  }
  const description =
    'not a token of this list; use the next_page_token of the page before, with the same other arguments';
  throw new BerthError('INVALID_PAGE_TOKEN', `page_token: ${description}`, {
    fields: [{ field: 'page_token', description }],
  });
}

/** The page size to use: 0 means 50, more than 1000 means 1000. Throws INVALID_FIELD for a negative one. */
export function pageSize(requested: number): number {
  if (requested < 0) {
    const description = `must not be negative, got ${String(requested)}`;
    throw new BerthError('INVALID_FIELD', `page_size: ${description}`, {
      fields: [{ field: 'page_size', description }],
    });
  }
  return requested === 0 ? 50 : Math.min(requested, 1000);
}
