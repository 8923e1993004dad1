import type { RequestKey } from '../../domain/records/index.js';
import type { ChangeDocument } from '../../ports/record-collections.js';
import { logChanges } from './log-changes.js';
import type { OpenTransaction } from './open-transaction.js';
import type { RecordContext } from './record-context.js';
import { RecordTransactions } from './record-transactions.js';

/**
 * Changes several records at once: `work` holds them and commits. What it throws undoes everything. A repeat of the request
 * is answered by the changes that it made the first time, and `work` is not called.
 */
export async function inTransaction(
  ctx: RecordContext,
  request: RequestKey | undefined,
  work: (transaction: OpenTransaction) => Promise<readonly ChangeDocument[]>,
): Promise<readonly ChangeDocument[]> {
  const begun = await new RecordTransactions(ctx).begin(request);
  if ('changes' in begun) return committedChanges(ctx, begun.changes);
  try {
    return await work(begun);
  } catch (error) {
    await begun.giveUp();
    throw error;
  }
}

/** The changes of a committed transaction, in its order; those that are not in the log yet are written there first. */
async function committedChanges(ctx: RecordContext, ids: readonly string[]): Promise<readonly ChangeDocument[]> {
  const { changes, records } = ctx.collections;
  const logged = new Map((await changes.getMany(ids)).map(({ value }) => [value.id, value]));
  const missing = ids.filter((id) => !logged.has(id));
  if (missing.length > 0) {
    const transactions = new RecordTransactions(ctx);
    const found = await records.getMany(missing.map((id) => id.slice(0, id.indexOf('/'))));
    for (const stored of found) {
      const settled = await transactions.settle(stored);
      if (settled !== undefined) await logChanges(ctx, [settled.value]);
    }
    for (const { value } of await changes.getMany(missing)) logged.set(value.id, value);
  }
  return ids.flatMap((id) => logged.get(id) ?? []);
}
