import { BerthError, randomId } from '@berth/kernel';
import type { AddressRange, Deed, Kind, RecordBody } from '../../domain/records/index.js';
import {
  formatAddress,
  freeAddresses,
  newBody,
  parseAddressRange,
  rangeFrom,
  usableRange,
} from '../../domain/records/index.js';
import type { ChangeDocument, RecordDocument, Stored } from '../../ports/record-collections.js';
import { recordToChange } from './change-record.js';
import { notEnoughFree } from './claim-records.js';
import { inTransaction } from './in-transaction.js';
import type { OpenTransaction } from './open-transaction.js';
import { pause } from './pause.js';
import type { RecordContext } from './record-context.js';
import { createdOrder } from './record-document.js';
import { noSuchRecord } from './record-errors.js';
import type { SeenRecord } from './record-transactions.js';
import { RecordTransactions } from './record-transactions.js';
import { usedAddresses } from './used-addresses.js';

interface Claiming {
  readonly rangeId: string;
  readonly range: AddressRange;
  readonly kind: Kind;
  readonly count: number;
  readonly owner: string;
  readonly deed: Deed;
}

/**
 * Claims the next free addresses of a range: as many as are wanted, or (NOT_ENOUGH_FREE) none. An address is taken by adding
 * its record, whose address must be unique among all kinds of addresses: so no two claims get the same, and addresses that
 * were added by hand, or belong to another range that overlaps, are respected without any book-keeping in the range.
 *
 * The range must not be deleted meanwhile. Who deletes it holds it first, and then looks for its claimed addresses, held ones
 * too (see deleteRange); a claim holds its addresses first, and then looks at the range. Whichever comes second sees the
 * other: a claim that finds the range held puts its addresses back, and waits.
 */
export async function claimAddresses(
  ctx: RecordContext,
  ranges: Kind,
  name: string,
  { count, owner }: { readonly count: number; readonly owner: string },
  deed: Deed,
): Promise<readonly SeenRecord[]> {
  const changes = await inTransaction(ctx, deed.request, async (transaction) => {
    for (let tries = 0; ; tries += 1) {
      const { value } = await recordToChange(ctx, ranges, name);
      if (value.body.deletedMs !== undefined) throw noSuchRecord(ranges, name);
      const claiming = { ...claimFrom(ctx, value.id, value.body), count, owner, deed };
      const outcome = await claimOnce(ctx, claiming, transaction);
      if (!('waitFor' in outcome)) return outcome;
      // Nobody waits while holding, else two that each hold half of what is left would wait for each other.
      await transaction.startOver();
      const transactions = new RecordTransactions(ctx);
      for (const stored of outcome.waitFor) await transactions.settle(stored);
      await pause(tries, `the addresses of ${name}`);
    }
  });
  return changes.map(({ recordId, kind, after }) => ({ id: recordId, kind, body: after }));
}

function claimFrom(
  ctx: RecordContext,
  rangeId: string,
  { fields }: RecordBody,
): Pick<Claiming, 'rangeId' | 'range' | 'kind'> {
  const parsed = parseAddressRange(String(fields['range']));
  const kind = ctx.kinds.named(String(fields['kind'] ?? 'private-addresses'));
  if ('fault' in parsed) throw new BerthError('INTERNAL', `the record ${rangeId} has no range that can be read`);
  return { rangeId, range: usableRange(parsed.range), kind };
}

/** Commits, or names the records of other transactions that are in the way. Throws NOT_ENOUGH_FREE. */
async function claimOnce(
  ctx: RecordContext,
  claiming: Claiming,
  transaction: OpenTransaction,
): Promise<readonly ChangeDocument[] | { readonly waitFor: readonly Stored<RecordDocument>[] }> {
  const { rangeId, range, count, kind } = claiming;
  for (;;) {
    const missing = count - transaction.held.length;
    if (missing === 0) {
      const now = await ctx.collections.records.get(rangeId);
      const { hold, body } = now?.value ?? {};
      if (body !== undefined && hold === undefined && body.deletedMs === undefined) return transaction.commit();
      return { waitFor: now === undefined ? [] : [now] };
    }
    const { free, held } = await findFree(ctx, claiming, missing, transaction);
    if (free.length < missing) {
      if (held.length > 0) return { waitFor: held };
      const names = `${kind.name} in ${formatRange(range)}`;
      throw notEnoughFree(names, count, transaction.held.length + free.length);
    }
    // Some may be refused because another claim was faster: then the next free ones are looked for.
    await transaction.add(
      free.map((value, index) => addedAddress(claiming, value, index)),
      claiming.deed,
    );
  }
}

/** The first free addresses, and (when they are fewer than wanted) what others hold and may put back. */
async function findFree(
  ctx: RecordContext,
  { rangeId, range }: Claiming,
  count: number,
  transaction: OpenTransaction,
): Promise<{ readonly free: readonly bigint[]; readonly held: readonly Stored<RecordDocument>[] }> {
  const hint = ctx.rangeHints.get(rangeId);
  const free: bigint[] = [];
  const held: Stored<RecordDocument>[] = [];
  const walk = async (stretch: AddressRange): Promise<void> => {
    let from = stretch.first;
    for await (const { used, upTo } of usedAddresses(ctx, stretch)) {
      for (const { stored } of used) {
        if (stored.value.hold !== undefined && !transaction.holds(stored.value.id)) held.push(stored);
      }
      const addresses = used.map(({ address }) => address);
      const gaps = freeAddresses(addresses, from, upTo, count - free.length);
      free.push(...gaps.free);
      from = gaps.next;
      if (free.length >= count) return;
    }
  };
  const ahead = hint === undefined ? range : rangeFrom(range, hint);
  if (ahead !== undefined) await walk(ahead);
  if (free.length < count && ahead !== range) {
    // Other replicas may have released addresses that lie before.
    const last = ahead === undefined ? range.last : ahead.first - 1n;
    await walk({ ...range, last });
  }
  const [first] = free;
  if (first !== undefined) ctx.rangeHints.set(rangeId, { family: range.family, value: first });
  return { free, held };
}

function addedAddress({ kind, rangeId, range, owner, deed }: Claiming, value: bigint, index: number) {
  const address = formatAddress({ family: range.family, value });
  const body: RecordBody = {
    ...newBody({ address, owner }, deed.nowMs),
    claim: { owner, sinceMs: deed.nowMs },
    rangeId,
  };
  return { id: randomId('rec'), kind: kind.name, created: createdOrder(deed.nowMs, index), body };
}

function formatRange({ family, first, last }: AddressRange): string {
  return `${formatAddress({ family, value: first })}-${formatAddress({ family, value: last })}`;
}
