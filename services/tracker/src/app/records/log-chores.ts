import type { RecordDocument, Stored } from '../../ports/record-collections.js';
import { logChanges } from './log-changes.js';
import type { RecordContext } from './record-context.js';
import { RecordTransactions } from './record-transactions.js';

const PAGE = 500;

/** Writes all changes of a kind that were made before this call, and are perhaps not there yet, into the log. */
export async function logChores(ctx: RecordContext, kind: string): Promise<void> {
  for await (const documents of chores(ctx, { chore: kind })) await logAll(ctx, documents);
}

/** Does the chores of the log for one record. */
export async function logChoresOf(ctx: RecordContext, id: string): Promise<void> {
  const stored = await ctx.collections.records.get(id);
  if (stored !== undefined) await logAll(ctx, [stored]);
}

/** Records with something left to do, in pages. */
export async function* chores(
  { collections: { records } }: RecordContext,
  where: { readonly chore: string } | { readonly choreMs: { readonly until: number } },
): AsyncGenerator<readonly Stored<RecordDocument>[], void, undefined> {
  for (let after: string | undefined; ;) {
    const found = await records.find({ where, limit: PAGE, ...(after !== undefined && { after }) });
    if (found.documents.length > 0) yield found.documents;
    if (found.next === undefined) return;
    after = found.next;
  }
}

async function logAll(ctx: RecordContext, documents: readonly Stored<RecordDocument>[]): Promise<void> {
  const transactions = new RecordTransactions(ctx);
  await logChanges(
    ctx,
    documents.flatMap(({ value }) => (value.hold === undefined ? value : [])),
  );
  const held = documents.filter(({ value }) => value.hold !== undefined);
  // A change that is under way is logged by whoever commits it; only what is committed counts.
  for (const stored of await transactions.committed(held)) await transactions.roll(stored, true);
}
