import type { FieldSchema, Kind } from '../../domain/records/index.js';
import type { PageOfItems } from './read-page.js';
import { readPage } from './read-page.js';
import type { RecordContext } from './record-context.js';
import { deletedShelf } from './record-document.js';
import type { RecordConditions } from './record-query.js';
import { pathOf, recordQuery } from './record-query.js';
import type { SeenRecord } from './record-transactions.js';
import { RecordTransactions } from './record-transactions.js';

export interface ListOfRecords extends RecordConditions {
  /** Undefined: by creation. */
  readonly orderBy: FieldSchema | undefined;
  readonly descending: boolean;
  readonly deleted: boolean;
  readonly size: number;
  /** Where the page before ended. */
  readonly after: string | undefined;
}

/** A page of records of a kind. A record that is there all the time is on exactly one page. */
export async function listRecords(
  ctx: RecordContext,
  kind: Kind,
  list: ListOfRecords,
): Promise<PageOfItems<SeenRecord>> {
  const layout = ctx.kinds.layout(kind);
  const { name } = kind;
  const base = { shelf: list.deleted ? { in: [name, deletedShelf(name)] } : name };
  const { where, passes } = recordQuery(kind, layout, base, list);
  const field = (list.orderBy && pathOf(layout, list.orderBy)) ?? 'created';
  const orderBy = { field, descending: list.descending };
  const transactions = new RecordTransactions(ctx);
  const now = ctx.clock.now();
  return readPage({
    size: list.size,
    after: list.after,
    find: (limit, after) =>
      ctx.collections.records.find({ where, orderBy, limit, ...(after !== undefined && { after }) }),
    keep: async (documents) =>
      (await transactions.visible(documents)).filter(({ body }) => isThere(body, list.deleted, now) && passes(body)),
  });
}

function isThere(
  { deletedMs, purgeMs = 0 }: { readonly deletedMs?: number; readonly purgeMs?: number },
  deleted: boolean,
  now: number,
): boolean {
  return deletedMs === undefined || (deleted && purgeMs > now);
}
