import type { Kind } from '../../domain/records/index.js';
import { checkValue, nameField, orderKey } from '../../domain/records/index.js';
import type { RecordDocument, Stored } from '../../ports/record-collections.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';
import { deletedShelf, keyAsWritten, uniqueKey } from './record-document.js';
import { noSuchRecord } from './record-errors.js';

/**
 * The documents that a name may mean: of the record with this id, else of those with this value in the kind's unique field,
 * first the one that writes it so. Deleted ones are named by their id, and with `deleted` also by their value, the latest first.
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
  const layout = kinds.layout(kind).fields[field.name];
  if (layout === undefined) return [];
  const keys = [uniqueKey, keyAsWritten].map((keyOf) => keyOf(kind.name, field.name, layout, checked.value));
  const found = await records.find({ where: { uniques: { in: [...new Set(keys)] } }, limit: keys.length });
  const otherwise = ({ value }: Stored<RecordDocument>): number =>
    Number(value.body.fields[field.name] !== checked.value);
  const live = found.documents
    .filter(({ value }) => value.kind === kind.name)
    .sort((a, b) => otherwise(a) - otherwise(b));
  if (!deleted || layout.slot === undefined) return live;
  const where = { shelf: deletedShelf(kind.name), [`slots.s${layout.slot}`]: orderKey(layout, checked.value) };
  const before = await records.find({ where, orderBy: { field: 'created', descending: true }, limit: 10 });
  return [...live, ...before.documents];
}

/** A record that a call is about to change, deleted or not. Throws NO_SUCH_RECORD. */
export async function recordToChange(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  deleted = false,
): Promise<Stored<RecordDocument>> {
  const [stored] = await documentsNamed(ctx, kind, name, deleted);
  if (stored === undefined) throw noSuchRecord(kind, name);
  return stored;
}

/** A record as readers see it. Throws NO_SUCH_RECORD. */
export async function getRecord(ctx: RecordContext, kind: Kind, name: string, deleted: boolean): Promise<SeenRecord> {
  const found = await documentsNamed(ctx, kind, name, deleted);
  const now = ctx.clock.now();
  const seen = found.find(
    ({ value: { body } }) => body.deletedMs === undefined || (deleted && (body.purgeMs ?? 0) > now),
  );
  if (seen === undefined) throw noSuchRecord(kind, name);
  return seen.value;
}
