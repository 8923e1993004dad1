import type { Kind } from '../../domain/records/index.js';
import type { ChangeDocument } from '../../ports/record-collections.js';
import { documentsNamed } from './find-record.js';
import { logChores, logChoresOf } from './log-chores.js';
import type { PageOfItems } from './read-page.js';
import { readPage } from './read-page.js';
import type { RecordContext } from './record-context.js';
import { noSuchRecord } from './record-errors.js';

/**
 * Changes of a kind's records, the newest first; with a name those of that record only, also after it was removed for good.
 * Throws NO_SUCH_RECORD.
 */
export async function listChanges(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  page: { readonly size: number; readonly after: string | undefined },
): Promise<PageOfItems<ChangeDocument>> {
  const recordId = name === '' ? undefined : await idOf(ctx, kind, name);
  // A change can be missing in the log when a process died at the wrong moment; see logChanges.
  if (page.after === undefined) {
    await (recordId === undefined ? logChores(ctx, kind.name) : logChoresOf(ctx, recordId));
  }
  const where = recordId === undefined ? { kind: kind.name } : { recordId };
  const orderBy = { field: 'order', descending: true };
  const found = await readPage({
    ...page,
    find: (limit, after) =>
      ctx.collections.changes.find({ where, orderBy, limit, ...(after !== undefined && { after }) }),
    keep: (documents) => documents.map(({ value }) => value),
  });
  const none = recordId !== undefined && page.after === undefined && found.items.length === 0;
  if (none) throw noSuchRecord(kind, name);
  return found;
}

async function idOf(ctx: RecordContext, kind: Kind, name: string): Promise<string> {
  const [found] = await documentsNamed(ctx, kind, name, true);
  if (found !== undefined) return found.value.id;
  if (name.startsWith('rec-')) return name;
  throw noSuchRecord(kind, name);
}
