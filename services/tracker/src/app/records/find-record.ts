import type { Kind } from '../../domain/records/index.js';
import { checkValue, nameField, orderKey } from '../../domain/records/index.js';
import type { RecordDocument, Stored } from '../../ports/record-collections.js';
import type { RecordContext } from './record-context.js';
import { deletedShelf, uniqueKey } from './record-document.js';
import { noSuchRecord } from './record-errors.js';
import { RecordTransactions } from './record-transactions.js';
import type { SeenRecord } from './record-transactions.js';

/**
 * The documents that a name may mean: of the record with this id, else of those with this value in the kind's unique field.
 * They may be held. Deleted ones are named by their id, and with `deleted` also by their value, the latest first.
 */
export async function documentsNamed(
  { collections: { records }, kinds }: RecordContext,
  kind: Kind,
  name: string,
  deleted = false,
): Promise<readonly Stored<RecordDocument>[]> {
  const byId = name.startsWith('rec-') ? await records.get(name) : undefined;
  if (byId?.value.kind === kind.name) return [byId];
  const field = nameField(kind);
  if (field === undefined) return [];
  // Compared in canonical form; a text that could be no value of the field names nothing.
  const checked = checkValue(
    { type: field.type, allowed: [], pattern: '' },
    field.type === 'NUMBER' ? Number(name) : name,
  );
  if ('fault' in checked) return [];
  const key = orderKey(field.type, checked.value);
  const live = await records.find({ where: { uniques: uniqueKey(kind.name, field.name, key) }, limit: 1 });
  const slot = kinds.layout(kind).fields[field.name]?.slot;
  if (!deleted || slot === undefined) return live.documents;
  const where = { shelf: deletedShelf(kind.name), [`slots.s${slot}`]: key };
  const before = await records.find({ where, orderBy: { field: 'created', descending: true }, limit: 10 });
  return [...live.documents, ...before.documents];
}

/** A record as readers see it. Throws NO_SUCH_RECORD. */
export async function getRecord(ctx: RecordContext, kind: Kind, name: string, deleted: boolean): Promise<SeenRecord> {
  const found = await new RecordTransactions(ctx).visible(await documentsNamed(ctx, kind, name, deleted));
  const now = ctx.clock.now();
  const seen = found.find(({ body }) => body.deletedMs === undefined || (deleted && (body.purgeMs ?? 0) > now));
  if (seen === undefined) throw noSuchRecord(kind, name);
  return seen;
}
