import type { Deed } from '../../domain/records/index.js';
import type { ChangeDocument, InventoryWrite, RecordDocument, Stored } from '../../ports/record-collections.js';
import type { CarriedOut } from './bound-request.js';
import { bindRequest, findRequest } from './bound-request.js';
import { pause } from './pause.js';
import type { RecordContext } from './record-context.js';
import type { RecordParts } from './record-document.js';
import { changeDocument, recordDocument } from './record-document.js';

/** A record that a call writes, and what is stored of it; of a new one nothing is. */
export interface RecordWrite extends RecordParts {
  readonly stored?: Stored<RecordDocument>;
}

/** What a call is about to write, decided on what it has read. */
export interface Plan {
  readonly records: readonly RecordWrite[];
  /** A record that must be as it was read when all is written; of two calls with one basis at the same moment one plans again. */
  readonly basis?: Stored<RecordDocument>;
  /** Throws when a unique value that another record has stays taken. */
  readonly checkTaken?: () => Promise<void>;
}

/**
 * Changes records, all at once or none, and tells the changes in the order of the plan. It is planned again when what the
 * plan was decided on has changed in the meantime. With no plan there is nothing to do, and nothing is remembered.
 *
 * The records, their changes in the history and the answer that is remembered for the request's id are written together. A
 * repeat of the request, also at the same moment, gets the changes that it made the first time. Throws what `plan` throws,
 * REQUEST_ID_REUSED and TOO_MANY_CONFLICTS.
 */
export async function changeRecords(
  ctx: RecordContext,
  deed: Deed,
  what: string,
  plan: (tries: number) => Promise<Plan | undefined>,
): Promise<readonly ChangeDocument[]> {
  for (let tries = 0; ; tries += 1) {
    const earlier = await findRequest(ctx, deed.request);
    if (earlier?.changes !== undefined) return earlier.changes;
    try {
      const planned = await plan(tries);
      if (planned === undefined) return [];
      const changes = await write(ctx, deed, planned, earlier);
      if (changes !== undefined) return changes;
    } catch (refusal) {
      // The same call may have come between, and have changed what this one was decided on.
      const { changes } = (await findRequest(ctx, deed.request)) ?? {};
      if (changes !== undefined) return changes;
      throw refusal;
    }
    await pause(tries, what);
  }
}

/** Writes what is planned; undefined when something has changed since. */
async function write(
  ctx: RecordContext,
  deed: Deed,
  { records, basis, checkTaken }: Plan,
  earlier: CarriedOut | undefined,
): Promise<readonly ChangeDocument[] | undefined> {
  const bound = earlier?.bound ?? (deed.request && (await bindRequest(ctx, deed.request)));
  if (deed.request !== undefined && bound === undefined) return undefined;
  const changes = records.map(({ id, kind, body, stored }) =>
    changeDocument({ id, kind }, stored?.value.body, body, deed),
  );
  const writes: InventoryWrite[] = changes.map((insert) => ({ collection: 'record_changes', insert }));
  if (bound !== undefined) {
    const { id, startedMs, request } = bound.value;
    const replace = {
      id,
      status: 'committed',
      startedMs,
      request,
      changes: changes.map((change) => change.id),
    } as const;
    writes.unshift({ collection: 'record_requests', replace, expected: bound.revision });
  }
  // What others may want too comes last: MongoDB keeps it from them until the end.
  if (basis !== undefined) writes.push({ collection: 'records', replace: basis.value, expected: basis.revision });
  for (const { stored, ...parts } of records) {
    const document = recordDocument(await ctx.kinds.layoutOf(parts.kind), parts);
    writes.push(
      stored === undefined
        ? { collection: 'records', insert: document }
        : { collection: 'records', replace: document, expected: stored.revision },
    );
  }
  await ctx.failpoint('tracker.beforeCommit');
  const result = await ctx.collections.writeAll(writes);
  if (result.outcome === 'written') {
    await ctx.failpoint('tracker.afterCommit');
    return changes;
  }
  if (result.outcome === 'duplicate' && result.index === 'uniques') await checkTaken?.();
  return undefined;
}
