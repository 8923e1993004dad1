import type { FieldSchema, Kind } from '../../domain/records/index.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';
import { deletedShelf } from './record-document.js';
import type { RecordConditions } from './record-query.js';
import { pathOf, recordQuery } from './record-query.js';

export interface ListOfRecords extends RecordConditions {
  /** Undefined: by creation. */
  readonly orderBy: FieldSchema | undefined;
  readonly descending: boolean;
  readonly deleted: boolean;
  readonly limit: number;
  /** Where the read before ended. */
  readonly after: string | undefined;
}

/**
 * Some records of a kind: at most `limit`, perhaps fewer although there are more (`next` tells). A record that is there all
 * the time is in exactly one read.
 */
export async function listRecords(
  ctx: RecordContext,
  kind: Kind,
  list: ListOfRecords,
): Promise<{ readonly documents: readonly SeenRecord[]; readonly next: string | undefined }> {
  const layout = ctx.kinds.layout(kind);
  const { name } = kind;
  const base = { shelf: list.deleted ? { in: [name, deletedShelf(name)] } : name };
  const { where, passes } = recordQuery(kind, layout, base, list);
  const field = (list.orderBy && pathOf(layout, list.orderBy)) ?? 'created';
  const orderBy = { field, descending: list.descending };
  const now = ctx.clock.now();
  const { limit, after } = list;
  const query = { where, orderBy, limit };
  const found = await ctx.collections.records.find(after === undefined ? query : { ...query, after });
  return {
    documents: found.documents
      .map(({ value }) => value)
      .filter(({ body }) => isThere(body, list.deleted, now) && passes(body)),
    next: found.next,
  };
}

function isThere(
  { deletedMs, purgeMs = 0 }: { readonly deletedMs?: number; readonly purgeMs?: number },
  deleted: boolean,
  now: number,
): boolean {
  return deletedMs === undefined || (deleted && purgeMs > now);
}
