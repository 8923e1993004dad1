import type { RecordContext } from './record-context.js';

const PAGE = 500;

/**
 * Removes what was deleted so long ago that it cannot be brought back, and requests that nobody repeats any more. Everything
 * is compare-and-swap, so any number of processes may do it at once.
 */
export async function sweepRecords(ctx: RecordContext): Promise<void> {
  await purgeRecords(ctx);
  await purgeRequests(ctx);
}

/** Removes what was deleted so long ago that it cannot be brought back; its changes stay. */
async function purgeRecords(ctx: RecordContext): Promise<void> {
  const { records } = ctx.collections;
  for (let after: string | undefined; ;) {
    const where = { purgeMs: { upTo: ctx.clock.now() } };
    const found = await records.find({ where, limit: PAGE, ...(after !== undefined && { after }) });
    for (const { value, revision } of found.documents) await records.remove(value.id, revision);
    if (found.next === undefined) return;
    after = found.next;
  }
}

/** Forgets requests when their time is over. */
async function purgeRequests(ctx: RecordContext): Promise<void> {
  const { requests } = ctx.collections;
  for (let after: string | undefined; ;) {
    const where = { startedMs: { until: ctx.clock.now() - ctx.requestIdTtlMs } };
    const found = await requests.find({ where, limit: PAGE, ...(after !== undefined && { after }) });
    for (const { value, revision } of found.documents) await requests.remove(value.id, revision);
    if (found.next === undefined) return;
    after = found.next;
  }
}
