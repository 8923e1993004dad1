import { randomId } from '@berth/kernel';
import type { Deed, GivenFields, Kind } from '../../domain/records/index.js';
import { checkNewFields, newBody, throwViolations } from '../../domain/records/index.js';
import { bindRequest } from './bound-request.js';
import { logChanges } from './log-changes.js';
import { pause } from './pause.js';
import type { RecordContext } from './record-context.js';
import { changeDocument, createdOrder, recordDocument } from './record-document.js';
import type { SeenRecord } from './record-transactions.js';
import { changesOf, isRepeat } from './repeated-request.js';
import { requestHash } from './request-hash.js';
import { checkUniques, resolveDuplicates } from './taken-values.js';

/**
 * Adds a record. Throws RECORD_INVALID, RECORD_EXISTS and REQUEST_ID_REUSED. The id follows from the request's id, so a repeat that runs at the
 * same time, or after a crash, meets the record that the first one made.
 */
export async function createRecord(
  ctx: RecordContext,
  kind: Kind,
  given: GivenFields,
  deed: Deed,
  validateOnly: boolean,
): Promise<SeenRecord> {
  const { fields, violations } = checkNewFields(kind, given, 'record.fields');
  throwViolations(kind, violations);
  const { request, nowMs } = deed;
  const body = newBody(fields, nowMs);
  const id = request === undefined ? randomId('rec') : `rec-${requestHash(request.id)}`;
  const seen = { id, kind: kind.name, body };
  const wanted = [{ id, body, path: 'record' }];
  if (validateOnly) {
    await checkUniques(ctx, kind, wanted);
    return { ...seen, id: '' };
  }

  const { records } = ctx.collections;
  const change = changeDocument(seen, undefined, body, deed);
  const parts = { ...seen, created: createdOrder(nowMs, 0), last: change, choreMs: ctx.clock.now() };
  const document = recordDocument(ctx.kinds.layout(kind), parts);
  for (let tries = 0; ; tries += 1) {
    const [made] = await changesOf(ctx, request);
    if (made !== undefined) return { ...seen, id: made.recordId, body: made.after };
    if (tries === 0 && request !== undefined) await bindRequest(ctx, request, id);
    const [result] = await records.insert([document]);
    if (result?.outcome === 'inserted') {
      await ctx.failpoint('tracker.recordWritten');
      await logChanges(ctx, [document]);
      return seen;
    }
    if (result?.existing === id) {
      const last = (await records.get(id))?.value.last;
      if (isRepeat(last, request)) return { ...seen, body: last.after };
    } else await resolveDuplicates(ctx, kind, wanted, [result?.existing]);
    await pause(tries, `a record of ${kind.name}`);
  }
}
