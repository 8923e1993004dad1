import { BerthError } from '@berth/kernel';
import type { Deed, Kind, RecordBody } from '../../domain/records/index.js';
import { ADDRESS_KINDS } from '../../domain/records/index.js';
import { boundRecord } from './bound-request.js';
import type { Changed } from './change-record.js';
import { changed, changeRecord, recordToChange } from './change-record.js';
import { inTransaction } from './in-transaction.js';
import { pause } from './pause.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-transactions.js';
import { RecordTransactions } from './record-transactions.js';

const PAGE = 500;
/** So many claimed addresses are named in a refusal. */
const NAMED = 3;

/**
 * Deletes a range of addresses, unless some are claimed from it (RECORD_CLAIMED). Throws what `decide` throws.
 *
 * A claim at the same moment: the range is held here first, and only then its addresses are looked for. A claim that looked
 * at the range before that holds its addresses already, so they are found here, and what becomes of them is waited for. One
 * that looks at the range later finds it held, and puts its addresses back (see claimAddresses): so while this waits for
 * claims, none of them waits for this with something in its hands.
 */
export async function deleteRange(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  deed: Deed,
  decide: (id: string, body: RecordBody) => RecordBody,
): Promise<Changed> {
  // A call that an earlier version began is bound to its record, not to a transaction.
  if ((await boundRecord(ctx, deed.request)) !== undefined) return changeRecord(ctx, kind, name, deed, decide);
  const changes = await inTransaction(ctx, deed.request, async (transaction) => {
    for (let tries = 0; ; tries += 1) {
      const stored = await recordToChange(ctx, kind, name);
      const { id, body } = stored.value;
      const [held] = await transaction.hold([{ stored, body: decide(id, body) }], deed);
      if (held === true) {
        await refuseClaimed(ctx, id, String(body.fields['name'] ?? id));
        return transaction.commit();
      }
      await transaction.startOver();
      await pause(tries, `the range ${name}`);
    }
  });
  return changes.map(changed)[0] ?? noChange(name);
}

/** Throws RECORD_CLAIMED when addresses of a range are claimed; waits for claims that are under way. */
async function refuseClaimed(ctx: RecordContext, rangeId: string, name: string): Promise<void> {
  const transactions = new RecordTransactions(ctx);
  for (let after: string | undefined; ;) {
    const found = await ctx.collections.records.find({
      where: { 'body.rangeId': rangeId, shelf: { in: ADDRESS_KINDS } },
      limit: PAGE,
      ...(after !== undefined && { after }),
    });
    const claimed = (await transactions.visible(found.documents)).filter(isClaimed);
    for (const stored of claimed.length > 0 ? [] : found.documents) {
      const settled = (await transactions.settle(stored))?.value;
      if (settled !== undefined && isClaimed(settled)) claimed.push(settled);
    }
    if (claimed.length > 0) throw rangeClaimed(rangeId, name, claimed);
    if (found.next === undefined) return;
    after = found.next;
  }
}

function isClaimed({ body }: SeenRecord): boolean {
  return body.claim !== undefined && body.deletedMs === undefined;
}

function rangeClaimed(id: string, name: string, claimed: readonly SeenRecord[]): BerthError {
  const some = claimed
    .slice(0, NAMED)
    .map(({ body }) => `${String(body.fields['address'])} by ${body.claim?.owner ?? ''}`)
    .join(', ');
  const description = `addresses of the range ${name} are claimed: ${some}${claimed.length > NAMED ? ' and others' : ''}`;
  const owner = claimed[0]?.body.claim?.owner ?? '';
  return new BerthError('RECORD_CLAIMED', `${description}. It cannot be deleted; release them first.`, {
    resource: { type: 'record', name: id, owner },
    preconditions: [{ type: 'UNCLAIMED', subject: id, description }],
  });
}

function noChange(name: string): never {
  throw new BerthError('INTERNAL', `the range ${name} was deleted, and its change is not in the log`);
}
