import { pages } from '@berth/documents';
import type { Collection, Document, Where } from '../../ports/collections.js';
import { removeAll } from '../remove-all.js';
import type { RecordContext } from './record-context.js';

const PAGE = 500;

/**
 * Removes records that were deleted so long ago that they cannot be brought back (their changes stay), and requests that
 * nobody repeats any more. Everything is compare-and-swap, so any number of processes may do it at once.
 */
export async function sweepRecords(
  { collections, clock, requestIdTtlMs }: RecordContext,
  signal: AbortSignal,
): Promise<void> {
  const nowMs = clock.now();
  await removeWhere(collections.records, { purgeMs: { upTo: nowMs } }, signal);
  await removeWhere(collections.requests, { startedMs: { until: nowMs - requestIdTtlMs } }, signal);
}

async function removeWhere<T extends Document>(
  collection: Collection<T>,
  where: Where,
  signal: AbortSignal,
): Promise<void> {
  for await (const page of pages(collection, { where, limit: PAGE })) {
    if (signal.aborted) return;
    await removeAll(collection, page);
  }
}
