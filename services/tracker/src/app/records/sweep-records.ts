import { chores } from './log-chores.js';
import { logChanges } from './log-changes.js';
import type { RecordContext } from './record-context.js';
import { recordDocument } from './record-document.js';
import { holdName, OPEN_MS, RecordTransactions } from './record-transactions.js';

const PAGE = 500;

/**
 * Tidies up after calls: ends what dead processes left, drops from records the changes that are logged, removes what was
 * deleted long ago and requests that nobody repeats any more. Everything is compare-and-swap, so any number of
 * processes may do it at once.
 */
export async function sweepRecords(ctx: RecordContext): Promise<void> {
  await endChores(ctx);
  await purgeRecords(ctx);
  await purgeRequests(ctx);
}

async function endChores(ctx: RecordContext): Promise<void> {
  const { records } = ctx.collections;
  const transactions = new RecordTransactions(ctx);
  const until = ctx.clock.now() - OPEN_MS;
  for await (const documents of chores(ctx, { choreMs: { until } })) {
    const logged = documents.filter(({ value }) => value.hold === undefined);
    await logChanges(
      ctx,
      logged.map(({ value }) => value),
    );
    const writes = [];
    for (const { value, revision } of logged) {
      const { id, kind, created, body } = value;
      const document = recordDocument(await ctx.kinds.layoutOf(kind), { id, kind, created, body });
      writes.push({ document, expected: revision });
    }
    if (writes.length > 0) await records.replaceMany(writes);
    for (const stored of documents) if (stored.value.hold !== undefined) await transactions.settle(stored);
  }
}

/** Removes what was deleted so long ago that it cannot be brought back; its changes stay. */
async function purgeRecords(ctx: RecordContext): Promise<void> {
  const { records } = ctx.collections;
  for (let after: string | undefined; ;) {
    const where = { purgeMs: { upTo: ctx.clock.now() } };
    const found = await records.find({ where, limit: PAGE, ...(after !== undefined && { after }) });
    await logChanges(
      ctx,
      found.documents.map(({ value }) => value),
    );
    for (const { value, revision } of found.documents) await records.remove(value.id, revision);
    if (found.next === undefined) return;
    after = found.next;
  }
}

/** Forgets requests when their time is over. A transaction that a record still names stays. */
async function purgeRequests(ctx: RecordContext): Promise<void> {
  const { records, requests } = ctx.collections;
  for (let after: string | undefined; ;) {
    const where = { startedMs: { until: ctx.clock.now() - ctx.requestIdTtlMs } };
    const found = await requests.find({ where, limit: PAGE, ...(after !== undefined && { after }) });
    for (const { value, revision } of found.documents) {
      if (value.status !== 'single') {
        const named = await records.find({ where: { 'hold.transaction': holdName(value) }, limit: 1 });
        if (named.documents.length > 0) continue;
      }
      await requests.remove(value.id, revision);
    }
    if (found.next === undefined) return;
    after = found.next;
  }
}
