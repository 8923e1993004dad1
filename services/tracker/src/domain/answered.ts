import { requestIdReused } from '@berth/kernel';

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

/** No more are kept in one document; of more the older half is for elsewhere. */
const MOST = 256;

/** Whether this command was carried out before. Throws REQUEST_ID_REUSED when something else was asked by the id. */
export function wasAnswered({ answered = [] }: Pick<Remembering, 'answered'>, key: RequestKey): boolean {
  if (key.id === '') return false;
  const before = answered.find(({ id }) => id === key.id);
  if (before === undefined) return false;
  if (before.fingerprint !== key.fingerprint) throw requestIdReused(key.id);
  return true;
}

/** A document that remembers a command, and those that it remembers no more although it is too early to forget them. */
export interface Remembered<T> {
  readonly document: T;
  readonly overflow: readonly Answered[];
}

/** Remembers a command; forgets those older than `rememberMs`. */
export function remember<T extends Remembering>(
  document: T,
  key: RequestKey,
  nowMs: number,
  rememberMs: number,
): Remembered<T> {
  if (key.id === '') return { document, overflow: [] };
  const kept = (document.answered ?? []).filter(({ timeMs }) => timeMs > nowMs - rememberMs);
  const overflow = kept.length < MOST ? [] : kept.slice(0, MOST / 2);
  const answered = [...kept.slice(overflow.length), { ...key, timeMs: nowMs }];
  return { document: { ...document, answered, answeredIds: answered.map(({ id }) => id) }, overflow };
}
