import type { Deed, Kind, RecordBody } from '../../domain/records/index.js';
import type { ChangeDocument, RecordDocument, Stored } from '../../ports/record-collections.js';
import { documentsNamed } from './find-record.js';
import { logChanges } from './log-changes.js';
import { logChores } from './log-chores.js';
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
 * answered as the first time. Throws what `decide` throws, NO_SUCH_RECORD, and RECORD_EXISTS.
 */
export async function changeRecord(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  deed: Deed,
  decide: Decide,
): Promise<Changed> {
  const { records } = ctx.collections;
  const { request } = deed;
  for (let tries = 0; ; tries += 1) {
    const [made] = await changesOf(ctx, request);
    if (made !== undefined) return changed(made);
    const stored = await settled(ctx, kind, name);
    if (stored === undefined) {
      // The first call may have renamed it, and died before it logged that.
      if (request !== undefined) await logChores(ctx, kind.name);
      const [renamed] = await changesOf(ctx, request);
      if (renamed !== undefined) return changed(renamed);
      throw noSuchRecord(kind, name);
    }
    const { id, created, body: before, last: previous } = stored.value;
    if (isRepeat(previous, request)) return changed(previous);
    const body = decide(id, before);
    if (body === undefined) return { id, kind: kind.name, body: before, before: undefined };

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

async function settled(ctx: RecordContext, kind: Kind, name: string): Promise<Stored<RecordDocument> | undefined> {
  const [found] = await documentsNamed(ctx, kind, name);
  return new RecordTransactions(ctx).settle(found);
}

function changed({ recordId, kind, before, after }: ChangeDocument): Changed {
  return { id: recordId, kind, body: after, before };
}
