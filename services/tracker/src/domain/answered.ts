import { BerthError } from '@berth/kernel';

/** A command that was carried out, remembered by its request id for repeats. */
export interface Answered {
  readonly id: string;
  /** What tells whether a repeat asks for the same. */
  readonly fingerprint: string;
  readonly timeMs: number;
}

/** What a command is remembered by; an empty `id` is not remembered. */
export interface RequestKey {
  readonly id: string;
  readonly fingerprint: string;
}

/** What a document remembers of commands, and the field that an index finds it by. */
export interface Remembering {
  readonly answered?: readonly Answered[];
  readonly answeredIds?: readonly string[];
}

/** More than these are not kept for one document: who commands it so often does not wait for each answer. */
const MOST = 256;

/** Whether this command was carried out before. Throws REQUEST_ID_REUSED when something else was asked by the id. */
export function wasAnswered({ answered = [] }: Remembering, key: RequestKey): boolean {
  if (key.id === '') return false;
  const before = answered.find(({ id }) => id === key.id);
  if (before === undefined) return false;
  if (before.fingerprint !== key.fingerprint) throw requestIdReused(key.id);
  return true;
}

/** Remembers a command; forgets those older than `rememberMs`. */
export function remember<T extends Remembering>(document: T, key: RequestKey, nowMs: number, rememberMs: number): T {
  if (key.id === '') return document;
  const kept = (document.answered ?? []).filter(({ timeMs }) => timeMs > nowMs - rememberMs).slice(1 - MOST);
  const answered = [...kept, { ...key, timeMs: nowMs }];
  return { ...document, answered, answeredIds: answered.map(({ id }) => id) };
}

export function requestIdReused(requestId: string): BerthError {
  const description = `'${requestId}' came before with another payload, or from another caller; use a new id for a new request`;
  return new BerthError('REQUEST_ID_REUSED', `request_id: ${description}.`, {
    fields: [{ field: 'request_id', description }],
  });
}
