import type { Kind } from '../../domain/records/index.js';
import type { ChangeDocument } from '../../ports/record-collections.js';
import { documentsNamed } from './find-record.js';
import type { RecordContext } from './record-context.js';
import { noSuchRecord } from './record-errors.js';

/**
 * Some changes of a kind's records, at most `limit`, the newest first; with a name those of that record only, also after it was removed for good.
 * Throws NO_SUCH_RECORD.
 */
export async function listChanges(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<{ readonly documents: readonly ChangeDocument[]; readonly next: string | undefined }> {
  const recordId = name === '' ? undefined : await idOf(ctx, kind, name);
  const where = recordId === undefined ? { kind: kind.name } : { recordId };
  const orderBy = { field: 'order', descending: true };
  const query = { where, orderBy, limit };
  const { documents, next } = await ctx.collections.changes.find(after === undefined ? query : { ...query, after });
  const none = recordId !== undefined && after === undefined && documents.length === 0;
  if (none) throw noSuchRecord(kind, name);
  return { documents: documents.map(({ value }) => value), next };
}

async function idOf(ctx: RecordContext, kind: Kind, name: string): Promise<string> {
  const [found] = await documentsNamed(ctx, kind, name, true);
  if (found !== undefined) return found.value.id;
  if (name.startsWith('rec-')) return name;
  throw noSuchRecord(kind, name);
}
