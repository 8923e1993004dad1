import { hash } from 'node:crypto';
import type { RequestKey } from '@berth/kernel';
import type { Caller } from '../identity/caller.js';
import type { MessageType } from '../calls/message-type.js';

/** What a call of `method` is remembered by; one with an empty id is not remembered. */
export function requestKey<R extends { readonly requestId: string }>(
  method: string,
  type: MessageType<R>,
  request: R,
  { name }: Caller,
): RequestKey {
  const { requestId: id } = request;
  return { id, fingerprint: id === '' ? '' : fingerprint(method, name, type, request) };
}

/**
 * What tells whether two calls with one request id ask for the same: a hash of method, owner and message without
 * `request_id` and, where it has one, `lab`. Stable over restarts and over the order in which a client writes the entries of a map.
 */
export function fingerprint<T extends { readonly requestId: string; readonly lab?: string }>(
  method: string,
  owner: string,
  type: MessageType<T>,
  message: T,
): string {
  return payloadFingerprint(method, owner, payloadOf(type, message));
}

/** What of a message counts, in bytes that are the same for the same request. */
export function payloadOf<T extends { readonly requestId: string; readonly lab?: string }>(
  type: MessageType<T>,
  message: T,
): Uint8Array {
  return type.encode(sortedKeys({ ...message, ...('lab' in message && { lab: '' }), requestId: '' })).finish();
}

/** The fingerprint of a payload as `payloadOf` makes it. */
export function payloadFingerprint(method: string, owner: string, payload: Uint8Array): string {
  const asker = Buffer.from(`${JSON.stringify([method, owner])}\n`);
  return hash('sha256', Buffer.concat([asker, payload]), 'base64url').slice(0, 16);
}

/** A message with the keys of its maps in order; fields are written in the order of their numbers anyway. */
function sortedKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sortedKeys) as T;
  if (value === null || typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortedKeys(part as unknown)])) as T;
}
