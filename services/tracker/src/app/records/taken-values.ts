import type { Kind, RecordBody } from '../../domain/records/index.js';
import type { RecordDocument, Stored } from '../../ports/record-collections.js';
import type { RecordContext } from './record-context.js';
import { uniquesOf } from './record-document.js';
import type { TakenValue } from './record-errors.js';
import { recordExists } from './record-errors.js';

/** A record that is to be written, and where it stands in the request. */
export interface Wanted {
  readonly id: string;
  readonly body: RecordBody;
  /** For example `record` or `records[3]`. */
  readonly path: string;
}

/** The unique values of records that other records have. */
function takenBy(
  ctx: RecordContext,
  kind: Kind,
  wanted: readonly Wanted[],
  existing: readonly Stored<RecordDocument>[],
): readonly TakenValue[] {
  const owners = new Map<string, RecordDocument>();
  for (const { value } of existing) for (const unique of value.uniques ?? []) owners.set(unique, value);
  return wanted.flatMap(({ id, body, path }) =>
    uniquesOf(ctx.kinds.layout(kind), kind.name, body).flatMap((unique) => {
      const owner = owners.get(unique);
      const [, field = ''] = unique.split('/');
      return owner === undefined || owner.id === id
        ? []
        : [{ path: `${path}.fields.${field}`, unique, existing: owner }];
    }),
  );
}

/** Throws RECORD_EXISTS when other records have unique values of these. */
export async function checkUniques(ctx: RecordContext, kind: Kind, wanted: readonly Wanted[]): Promise<void> {
  const uniques = wanted.flatMap(({ body }) => uniquesOf(ctx.kinds.layout(kind), kind.name, body));
  if (uniques.length === 0) return;
  const { documents } = await ctx.collections.records.find({ where: { uniques: { in: uniques } }, limit: 1000 });
  const taken = takenBy(ctx, kind, wanted, documents);
  if (taken.length > 0) throw recordExists(kind, taken);
}
