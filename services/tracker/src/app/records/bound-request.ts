import { createHash } from 'node:crypto';
import { requestIdReused } from '@berth/kernel';
import type { RequestKey } from '../../domain/records/index.js';
import type { ChangeDocument, RequestDocument, Stored } from '../../ports/record-collections.js';
import type { RecordContext } from './record-context.js';

/** More changes than one call of an earlier version could make to one record while its request was remembered. */
const MOST_CHANGES = 1000;

/** A request whose id is bound, and what it changed once it was carried out. */
export interface CarriedOut {
  readonly bound: Stored<RequestDocument>;
  readonly changes?: readonly ChangeDocument[];
}

/**
 * A call that has bound its id, if one has: an id belongs to the first call with it that gets as far as writing. That call
 * adds a document whose id is made from the request's, and writes its answer into it together with what it changes.
 *
 * Two calls with one id at the same moment: both find it unbound, both add the document, and the store takes one.
 * - Another payload: the loser reads whose it is and is refused, before it has written anything.
 * - The same payload: both go on, and both write the answer at the document's revision; so one writes, and the other one
 *   finds the answer.
 * - kill -9 after binding: nothing was done. The same call again finds its id bound and writes; nobody waits for the dead one.
 *
 * Throws REQUEST_ID_REUSED when the id is that of another call.
 */
export async function findRequest(
  { collections: { requests, changes } }: RecordContext,
  request: RequestKey | undefined,
): Promise<CarriedOut | undefined> {
  if (request === undefined) return undefined;
  const bound = await requests.get(documentId(request));
  if (bound === undefined) return undefined;
  const { value } = bound;
  if (value.request?.fingerprint !== request.fingerprint) throw requestIdReused(request.id);
  if (value.changes !== undefined) {
    const made = await changes.getMany(value.changes);
    return { bound, changes: made.map((stored) => stored.value) };
  }
  if (value.recordId === undefined) return { bound };
  // An earlier version bound the id to a record; what became of it is in the history.
  const where = { recordId: value.recordId };
  const orderBy = { field: 'order', descending: true };
  const { documents } = await changes.find({ where, orderBy, limit: MOST_CHANGES });
  const made = documents.flatMap((stored) => (stored.value.request?.id === request.id ? stored.value : []));
  return made.length === 0 ? { bound } : { bound, changes: made };
}

/** Binds the id of a call that is about to write; undefined when another call was faster. */
export async function bindRequest(
  { collections, clock, failpoint }: RecordContext,
  request: RequestKey,
): Promise<Stored<RequestDocument> | undefined> {
  const value: RequestDocument = { id: documentId(request), status: 'bound', startedMs: clock.now(), request };
  const [result] = await collections.requests.insert([value]);
  if (result?.outcome !== 'inserted') return undefined;
  await failpoint('tracker.requestBound');
  return { value, revision: result.revision };
}

function documentId({ id }: RequestKey): string {
  return `rt-${createHash('sha256').update(id).digest('hex').slice(0, 24)}`;
}
