import { pages } from '@berth/documents';
import type { KindLayout, RecordBody } from '../../domain/records/index.js';
import type { Collection, RecordDocument, Stored } from '../../ports/record-collections.js';
import { deletedShelf, recordDocument, uniquesOf } from './record-document.js';

const PAGE = 500;

/** Two records that have the same value in a unique field, since its values are compared otherwise than when they were written. */
export interface SameValue {
  readonly kind: string;
  readonly field: string;
  /** The one that is compared as it is written, until one of the two is changed. */
  readonly record: string;
  readonly existing: string;
}

/**
 * Writes the records of a kind again whose keys are those of an earlier layout; what anybody sees of them stays as it is.
 * Answers the pairs that have the same value by now: both stay, and each can be named as it is written.
 *
 * Every write is compare-and-swap, so other processes may do the same, or change the records meanwhile.
 */
export async function rewriteKeys(
  records: Collection<RecordDocument>,
  kind: string,
  layout: KindLayout,
): Promise<readonly SameValue[]> {
  const same: SameValue[] = [];
  const where = { shelf: { in: [kind, deletedShelf(kind)] } };
  for await (const page of pages(records, { where, limit: PAGE })) {
    const writes = page.flatMap(({ value, revision }) => {
      const document = withKeys(layout, value, []);
      return sameKeys(document, value) ? [] : [{ document, expected: revision }];
    });
    const results = writes.length === 0 ? [] : await records.replaceMany(writes);
    for (const [index, { outcome }] of results.entries()) {
      const id = writes[index]?.document.id;
      if (outcome !== 'replaced' && id !== undefined) same.push(...(await rewriteOne(records, id, layout)));
    }
  }
  return same;
}

async function rewriteOne(
  records: Collection<RecordDocument>,
  id: string,
  layout: KindLayout,
): Promise<readonly SameValue[]> {
  const same: SameValue[] = [];
  let stored = await records.get(id);
  while (stored !== undefined) {
    const asWritten = same.map(({ field }) => field);
    const document = withKeys(layout, stored.value, asWritten);
    if (sameKeys(document, stored.value)) return same;
    const result = await records.replace(document, stored.revision);
    if (result.outcome === 'replaced') return same;
    if (result.outcome === 'duplicate' && result.existing !== undefined) {
      same.push(...taken(document, await records.get(result.existing), asWritten));
    }
    stored = await records.get(id);
  }
  return [];
}

/** The unique fields of a record whose values another one has. */
function taken(
  { id, kind, uniques = [] }: RecordDocument,
  existing: Stored<RecordDocument> | undefined,
  known: readonly string[],
): readonly SameValue[] {
  const theirs = new Set(existing?.value.uniques);
  return uniques.flatMap((unique) => {
    const [, field = ''] = unique.split('/');
    if (existing === undefined || !theirs.has(unique) || known.includes(field)) return [];
    return [{ kind, field, record: id, existing: existing.value.id }];
  });
}

/** A record with the keys of a layout, but for those of fields that are compared as they are written. */
function withKeys(layout: KindLayout, value: RecordDocument, asWritten: readonly string[]): RecordDocument {
  const marked = (body: RecordBody): RecordBody => {
    const { asWritten: _, ...plain } = body;
    const live = uniquesOf(layout, value.kind, plain).length > 0 && asWritten.length > 0;
    return live ? { ...plain, asWritten } : plain;
  };
  return recordDocument(layout, { ...value, body: marked(value.body) });
}

function sameKeys(a: RecordDocument, b: RecordDocument): boolean {
  return keysOf(a) === keysOf(b);
}

function keysOf({ uniques = [], slots, body }: RecordDocument): string {
  return JSON.stringify([uniques, Object.entries(slots).sort(), body.asWritten]);
}
