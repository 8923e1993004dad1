import { pages } from '@berth/documents';
import type { ListCollections } from '../../ports/collections.js';
import type { RootReplica } from '../roots/root-replica.js';
import { ended } from './list-keys.js';

const PAGE = 500;

/** Takes what has ended meanwhile out of the lists of what is not over: time alone writes no entry. */
export async function markEnded({ bookings }: ListCollections, nowMs: number, signal: AbortSignal): Promise<void> {
  const query = { where: { liveUntilMs: { upTo: nowMs } }, orderBy: { field: 'liveUntilMs' }, limit: PAGE };
  for await (const page of pages(bookings, query)) {
    // One that is written meanwhile is as of a later entry, and comes again if it has ended.
    await bookings.replaceMany(page.map(({ value, revision }) => ({ document: ended(value), expected: revision })));
    if (signal.aborted) return;
  }
}

/** Removes the documents of what the state of a root has forgotten. Resolves to their count. */
export async function sweepLists(
  { bookings }: ListCollections,
  replica: RootReplica,
  signal: AbortSignal,
): Promise<number> {
  const keptFromMs = await replica.read((state) => state.keptFromMs);
  if (!Number.isFinite(keptFromMs)) return 0;
  const where = { root: replica.root, endMs: { upTo: keptFromMs } };
  let removed = 0;
  for await (const page of pages(bookings, { where, orderBy: { field: 'endMs' }, limit: PAGE })) {
    for (const { value, revision } of page) {
      if (signal.aborted) return removed;
      if ((await bookings.remove(value.id, revision)) === 'removed') removed += 1;
    }
  }
  return removed;
}
