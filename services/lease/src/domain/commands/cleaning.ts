import { BerthError } from '@berth/kernel';
import type { Draft } from '../draft.js';
import type { Bench } from '../entities.js';
import { benchNamed } from './inventory.js';
import { markFree } from './mark-free.js';

/**
 * Says that a bench was cleaned after the lease with this token, so that the next may have it; with an `affinity` it is kept
 * for that one from now on. Throws STALE_TOKEN when the bench is not to be cleaned after that lease: it was cleaned already,
 * or was held again since.
 */
export function planFinishCleaning(draft: Draft, name: string, token: number, affinity?: string): void {
  const bench = benchNamed(draft.state, name);
  if (bench.cleaning === 0 || bench.cleaning !== token) throw staleCleaning(bench, token);
  const { base, origin } = bench;
  if (affinity !== undefined && affinity !== base.affinity) {
    draft.emit({ type: 'BenchPut', spec: { ...base, affinity }, origin, atMs: draft.now });
  }
  draft.emit({ type: 'BenchCleaned', name });
  draft.schedule();
}

/** Has all free benches cleaned that ask for it: the store has lost something, perhaps the last leases of these benches. */
export function planCleanFree(draft: Draft): void {
  markFree(draft);
  draft.schedule();
}

function staleCleaning({ spec: { name }, lease, cleaning }: Bench, token: number): BerthError {
  const current = cleaning === 0 ? (lease?.token ?? 0) : cleaning;
  const state =
    cleaning !== 0
      ? `it is to be cleaned after the lease with token ${String(cleaning)}`
      : lease === undefined
        ? 'it needs no cleaning now'
        : `lease '${lease.id}' holds it by now`;
  return new BerthError(
    'STALE_TOKEN',
    `bench '${name}' is not to be cleaned after the lease with token ${String(token)}: ${state}. Read the bench, and send its cleaning_token.`,
    {
      resource: { type: 'berth.dev/Bench', name, owner: lease?.owner ?? '' },
      metadata: { current: String(current) },
    },
  );
}
