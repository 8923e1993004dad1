import { createHash } from 'node:crypto';

/** What ids are made of that must be the same when a request is repeated. */
export function requestHash(requestId: string): string {
  return createHash('sha256').update(requestId).digest('hex').slice(0, 24);
}
