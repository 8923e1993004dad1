import { requestIdReused } from '@berth/kernel';
import type { RequestKey } from '../../domain/records/index.js';
import type { RequestDocument } from '../../ports/record-collections.js';
import { pause } from './pause.js';
import type { RecordContext } from './record-context.js';
import { requestHash } from './request-hash.js';

/**
 * A request id belongs to the first call with it that got as far as writing: that call binds the id, by adding one document
 * whose id is made from it. Calls that change several records bind it by their transaction, in the same collection.
 *
 * Two calls with one id at the same moment: both find it unbound, both add the document, and the store takes one.
 * - Another payload: the loser reads whose it is and is refused, before it has written anything.
 * - The same payload: the loser goes on with the record that is bound, and both write the same change to the same record: one
 *   by one compare-and-swap (or by the record's id, which is made from the request's), and the other one finds it there.
 * - kill -9 between binding and writing: nothing was done, and the id is bound to this payload. The same call again finds it
 *   bound and writes; nobody waits for the dead one.
 * - kill -9 between writing and logging: the record that is bound carries the change, whatever it is called by now.
 */
export function requestDocumentId(request: RequestKey): string {
  return `rt-${requestHash(request.id)}`;
}

/** The record that a call changes or has changed; undefined when its id is not bound. Throws REQUEST_ID_REUSED. */
export async function boundRecord(ctx: RecordContext, request: RequestKey | undefined): Promise<string | undefined> {
  if (request === undefined) return undefined;
  const stored = await ctx.collections.requests.get(requestDocumentId(request));
  if (stored === undefined) return undefined;
  checkSame(stored.value, request);
  return stored.value.status === 'single' ? stored.value.recordId : undefined;
}

/**
 * Binds a call to the record that it is about to change. Answers the record that it is bound to: another one, when the same
 * call was faster and meant another by the same name. Throws REQUEST_ID_REUSED.
 */
export async function bindRequest(ctx: RecordContext, request: RequestKey, recordId: string): Promise<string> {
  const id = requestDocumentId(request);
  for (let tries = 0; ; tries += 1) {
    const startedMs = ctx.clock.now();
    const [result] = await ctx.collections.requests.insert([{ id, status: 'single', startedMs, request, recordId }]);
    if (result?.outcome === 'inserted') {
      await ctx.failpoint('tracker.requestBound');
      return recordId;
    }
    const bound = await boundRecord(ctx, request);
    if (bound !== undefined) return bound;
    await pause(tries, 'the same request');
  }
}

/** Throws REQUEST_ID_REUSED when the id is that of another call. */
export function checkSame(before: Pick<RequestDocument, 'request'>, request: RequestKey | undefined): void {
  if (before.request?.fingerprint !== request?.fingerprint) throw requestIdReused(request?.id ?? '');
}
