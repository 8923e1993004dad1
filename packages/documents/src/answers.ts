import type { Answered, KeepsAnswers, RequestKey } from '@berth/kernel';
import { requestIdReused } from '@berth/kernel';

/** A document keeps no more; of more the older half is for elsewhere. */
const MOST = 256;

/** Whether a command is among those that were carried out. Throws REQUEST_ID_REUSED when its id asked for something else. */
export function wasAnswered(answered: readonly Answered[] | undefined, key: RequestKey): boolean {
  const before = key.id === '' ? undefined : answered?.find(({ id }) => id === key.id);
  if (before !== undefined && before.fingerprint !== key.fingerprint) throw requestIdReused(key.id);
  return before !== undefined;
}

/** A document that keeps an answer, and the answers that it has no room for although they are not old enough to forget. */
export interface Kept<T> {
  readonly document: T;
  readonly overflow: readonly Answered[];
}

/** Adds a command to those that a document keeps, and drops those older than `keepMs`. */
export function keepAnswer<T extends KeepsAnswers>(
  document: T,
  key: RequestKey,
  nowMs: number,
  keepMs: number,
): Kept<T> {
  if (key.id === '') return { document, overflow: [] };
  const young = (document.answered ?? []).filter(({ timeMs }) => timeMs > nowMs - keepMs);
  const overflow = young.length < MOST ? [] : young.slice(0, MOST / 2);
  const answered = [...young.slice(overflow.length), { timeMs: nowMs, ...key }];
  return { document: { ...document, answered, answeredIds: answered.map(({ id }) => id) }, overflow };
}
