import { pages } from '@berth/documents';
import { BerthError } from '@berth/kernel';
import type { Deed, Kind, RecordBody, RecordFilter } from '../../domain/records/index.js';
import { nextBody } from '../../domain/records/index.js';
import type { RecordDocument, Stored } from '../../ports/record-collections.js';
import { changeRecords } from './change-records.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';
import { recordQuery } from './record-query.js';

export interface ClaimOfRecords {
  readonly filters: readonly RecordFilter[];
  readonly count: number;
  readonly owner: string;
}

/** More than are wanted are looked at, so that claimers who come at the same time find some for each. */
const SPARE = 32;

/**
 * Claims free records: as many as are wanted, or (NOT_ENOUGH_FREE) none. They are written by compare-and-swap, so no two
 * claims get the same. The first try takes them in order; a claim that lost one of them spreads out, else all would meet at
 * the next one again.
 */
export async function claimRecords(
  ctx: RecordContext,
  kind: Kind,
  { filters, count, owner }: ClaimOfRecords,
  deed: Deed,
): Promise<readonly SeenRecord[]> {
  const claim = { owner, sinceMs: deed.nowMs };
  const changes = await changeRecords(ctx, deed, `free records of ${kind.name}`, async (tries) => {
    const free = await findFree(ctx, kind, filters, count + (tries === 0 ? 0 : SPARE));
    if (free.length < count) throw notEnoughFree(kind.name, count, free.length);
    const chosen = (tries === 0 ? free : shuffled(free)).slice(0, count);
    const claimed = ({ body }: RecordDocument): RecordBody => nextBody(body, { claim }, deed.nowMs);
    return { records: chosen.map((stored) => ({ stored, ...stored.value, body: claimed(stored.value) })) };
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

async function findFree(
  ctx: RecordContext,
  kind: Kind,
  filters: readonly RecordFilter[],
  most: number,
): Promise<readonly Stored<RecordDocument>[]> {
  const query = recordQuery(kind, ctx.kinds.layout(kind), { free: kind.name }, { filters });
  const free: Stored<RecordDocument>[] = [];
  const inOrder = { where: query.where, orderBy: { field: 'created' }, limit: most };
  for await (const page of pages(ctx.collections.records, inOrder)) {
    free.push(...page.filter(({ value }) => query.passes(value.body)));
    if (free.length >= most) break;
  }
  return free;
}

function shuffled<T>(items: readonly T[]): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}
