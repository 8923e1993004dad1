import type { Deed, Kind, RecordBody } from '../../domain/records/index.js';
import type { ChangeDocument, RecordDocument, Stored } from '../../ports/record-collections.js';
import { bindRequest, boundRecord } from './bound-request.js';
import { documentsNamed } from './find-record.js';
import { logChanges } from './log-changes.js';
import { pause } from './pause.js';
import type { RecordContext } from './record-context.js';
import { changeDocument, recordDocument } from './record-document.js';
import { noSuchRecord } from './record-errors.js';
import type { SeenRecord } from './record-transactions.js';
import { RecordTransactions } from './record-transactions.js';
import { changesOf, isRepeat } from './repeated-request.js';
import { resolveDuplicates } from './taken-values.js';

/** What became of a record: what it was before (when something was done), and what it is. */
export interface Changed extends SeenRecord {
  readonly before: RecordBody | undefined;
}

/** Gives a record's next contents, or undefined to leave it as it is. Throws BerthError when that may not be. */
export type Decide = (id: string, body: RecordBody) => RecordBody | undefined;

/**
 * Changes one record by compare-and-swap: it is decided on what those that were faster left. A repeat of the request is
 * answered as the first time, and means the record that the first one meant. `deleted`: a value may name a deleted one. Throws what `decide` throws, NO_SUCH_RECORD,
 * RECORD_EXISTS and REQUEST_ID_REUSED.
 *
 * A repeat finds what the first call did, in this order: the record is read, and if its last change is that of the request,
 * that is it. If the first call wrote, and somebody else wrote the record after it, then the first one's change was logged
 * before that (see logChanges), so it is in the log when that is read after the record. If the first call writes only after
 * the record was read here, then the compare-and-swap here fails, and all is looked at again.
 */
export async function changeRecord(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  deed: Deed,
  decide: Decide,
  deleted = false,
): Promise<Changed> {
  const { records } = ctx.collections;
  const { request } = deed;
  for (let tries = 0; ; tries += 1) {
    const bound = await boundRecord(ctx, request);
    const stored = bound === undefined ? await settled(ctx, kind, name, deleted) : await settledById(ctx, bound);
    const previous = stored?.value.last;
    if (isRepeat(previous, request)) return changed(previous);
    const [made] = await changesOf(ctx, request);
    if (made !== undefined) return changed(made);
    let body: RecordBody | undefined;
    try {
      if (stored === undefined) throw noSuchRecord(kind, name);
      body = decide(stored.value.id, stored.value.body);
    } catch (refusal) {
      // The same call may have come between, and have changed what this one was decided on.
      if (bound === undefined && (await boundRecord(ctx, request)) !== undefined) continue;
      throw refusal;
    }
    const { id, created, body: before } = stored.value;
    if (body === undefined) return { id, kind: kind.name, body: before, before: undefined };
    if (request !== undefined && bound === undefined && (await bindRequest(ctx, request, id)) !== id) continue;

    await logChanges(ctx, [stored.value]);
    const last = changeDocument({ id, kind: kind.name }, before, body, deed);
    const parts = { id, kind: kind.name, created, body, last, choreMs: ctx.clock.now() };
    const document = recordDocument(ctx.kinds.layout(kind), parts);
    const result = await records.replace(document, stored.revision);
    if (result.outcome === 'replaced') {
      await ctx.failpoint('tracker.recordWritten');
      await logChanges(ctx, [document]);
      return changed(last);
    }
    if (result.outcome === 'duplicate') {
      await resolveDuplicates(ctx, kind, [{ id, body, path: 'record' }], [result.existing]);
    }
    await pause(tries, `the record ${id}`);
  }
}

/** A record for whoever wants to change it, held by nobody, deleted or not. Throws NO_SUCH_RECORD. */
export async function recordToChange(ctx: RecordContext, kind: Kind, name: string): Promise<Stored<RecordDocument>> {
  const stored = await settled(ctx, kind, name);
  if (stored === undefined) throw noSuchRecord(kind, name);
  return stored;
}

async function settled(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  deleted = false,
): Promise<Stored<RecordDocument> | undefined> {
  const [found] = await documentsNamed(ctx, kind, name, deleted);
  return new RecordTransactions(ctx).settle(found);
}

async function settledById(ctx: RecordContext, id: string): Promise<Stored<RecordDocument> | undefined> {
  return new RecordTransactions(ctx).settle(await ctx.collections.records.get(id));
}

/** What a change made of its record. */
export function changed({ recordId, kind, before, after }: ChangeDocument): Changed {
  return { id: recordId, kind, body: after, before };
}
