import { BerthError } from '@berth/kernel';
import type { Deed, Kind, RecordFilter } from '../../domain/records/index.js';
import { nextBody, passes } from '../../domain/records/index.js';
import type { RecordDocument, Stored } from '../../ports/record-collections.js';
import { inTransaction } from './in-transaction.js';
import { chores } from './log-chores.js';
import type { OpenTransaction } from './open-transaction.js';
import { pause } from './pause.js';
import type { RecordContext } from './record-context.js';
import { recordQuery } from './record-query.js';
import type { SeenRecord } from './record-transactions.js';
import { RecordTransactions } from './record-transactions.js';

export interface ClaimOfRecords {
  readonly filters: readonly RecordFilter[];
  readonly count: number;
  readonly owner: string;
}

/** More than are wanted are looked at, so that claimers who come at the same time find some for each. */
const SPARE = 32;

/**
 * Claims free records: as many as are wanted, or (NOT_ENOUGH_FREE) none. Each is held by compare-and-swap, so no two claims
 * get the same. A claim that finds too few while others hold some puts back what it holds, waits for them, and tries again:
 * so two that each hold half of what is there do not both fail, and nobody waits while holding.
 */
export async function claimRecords(
  ctx: RecordContext,
  kind: Kind,
  claim: ClaimOfRecords,
  deed: Deed,
): Promise<readonly SeenRecord[]> {
  const changes = await inTransaction(ctx, deed.request, async (transaction) => {
    for (let tries = 0; ; tries += 1) {
      const found = await holdFree(ctx, kind, claim, transaction, deed);
      if (found >= claim.count) return transaction.commit();
      const others = await heldByOthers(ctx, kind, claim.filters, transaction);
      if (others.length === 0) throw notEnoughFree(kind.name, claim.count, found);
      await transaction.startOver();
      const transactions = new RecordTransactions(ctx);
      for (const stored of others) await transactions.settle(stored);
      await pause(tries, `free records of ${kind.name}`);
    }
  });
  return changes.map(({ recordId, after }) => ({ id: recordId, kind: kind.name, body: after }));
}

export function notEnoughFree(what: string, wanted: number, free: number): BerthError {
  const some = free === 0 ? 'none is' : free === 1 ? 'only 1 is' : `only ${free} are`;
  return new BerthError(
    'NOT_ENOUGH_FREE',
    `${wanted} of ${what} were to be claimed, ${some} free; nothing was claimed. Claim fewer, or wait until some are released.`,
    {
      quota: [{ subject: what, description: `${free} free, ${wanted} wanted` }],
      metadata: { free: String(free), wanted: String(wanted) },
    },
  );
}

/** Holds free records until there are enough or no more; answers how many could be had. */
async function holdFree(
  ctx: RecordContext,
  kind: Kind,
  { filters, count, owner }: ClaimOfRecords,
  transaction: OpenTransaction,
  deed: Deed,
): Promise<number> {
  const claim = { owner, sinceMs: deed.nowMs };
  for (let round = 0; ; round += 1) {
    const missing = count - transaction.held.length;
    if (missing <= 0) return count;
    const free = await findFree(ctx, kind, filters, missing + (round === 0 ? 0 : SPARE));
    if (free.length < missing) return transaction.held.length + free.length;
    // The first try takes them in order. Who lost one spreads out, else all would meet at the next one again.
    const chosen = round === 0 ? free : shuffled(free);
    const wanted = chosen
      .slice(0, missing)
      .map((stored) => ({ stored, body: nextBody(stored.value.body, { claim }, deed.nowMs) }));
    await transaction.hold(wanted, deed);
  }
}

async function findFree(
  ctx: RecordContext,
  kind: Kind,
  filters: readonly RecordFilter[],
  most: number,
): Promise<readonly Stored<RecordDocument>[]> {
  const query = recordQuery(kind, ctx.kinds.layout(kind), { free: kind.name }, { filters });
  const free: Stored<RecordDocument>[] = [];
  for (let after: string | undefined; ;) {
    const found = await ctx.collections.records.find({
      where: query.where,
      orderBy: { field: 'created' },
      limit: most,
      ...(after !== undefined && { after }),
    });
    free.push(...found.documents.filter(({ value }) => query.passes(value.body)));
    if (found.next === undefined || free.length >= most) return free;
    after = found.next;
  }
}

/** Records that pass, and that another transaction holds: they may be free again in a moment. */
async function heldByOthers(
  ctx: RecordContext,
  kind: Kind,
  filters: readonly RecordFilter[],
  transaction: OpenTransaction,
): Promise<readonly Stored<RecordDocument>[]> {
  const held: Stored<RecordDocument>[] = [];
  for await (const documents of chores(ctx, { chore: kind.name })) {
    held.push(...documents.filter(({ value }) => value.hold !== undefined && !transaction.holds(value.id)));
  }
  const passing = held.filter(({ value }) => filters.every((filter) => passes(filter, value.body.fields)));
  const committed = new Set(await new RecordTransactions(ctx).committed(passing));
  return passing.filter((stored) => !committed.has(stored) || stored.value.body.claim === undefined);
}

function shuffled<T>(items: readonly T[]): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}
