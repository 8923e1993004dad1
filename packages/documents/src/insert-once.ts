import type { RequestKey } from '@berth/kernel';
import { BerthError, requestIdReused } from '@berth/kernel';
import type { Collection, Document, Stored } from '@berth/storage';
import type { Answer } from './carry-out.js';
import { storedOf } from './carry-out.js';
import { inChunks } from './in-chunks.js';
import type { Taken } from './taken.js';
import { neverTaken } from './taken.js';

/** A document that keeps the request that made it. A unique index of its collection, named `request`, finds it by that. */
export interface MadeByRequest extends Document {
  readonly request?: string;
  readonly fingerprint?: string;
}

/** A document that a request asks for; the document will keep the request. */
export interface Insert<T extends MadeByRequest> {
  readonly key: RequestKey;
  /** The document, right before it is written. Throws BerthError when it may not be made. */
  readonly plan: () => T;
}

/** Planned and written together: so few that a time in a plan is not old when it is written. */
const ROUND = 1000;
/** The unique index of `request`. */
const REQUEST = 'request';

/**
 * Inserts documents, each for itself: it is there wholly or not at all. A repeat of a request adds nothing: its answer is the
 * document that the request made, as it is now, also when that may not be made any more; REQUEST_ID_REUSED when its id asked
 * for something else. `taken` says what a duplicate in a unique index besides `request` means, and is asked again after each
 * further plan. Answers in the order of the inserts; throws STORE_UNAVAILABLE.
 */
export async function insertEachOnce<T extends MadeByRequest>(
  collection: Collection<T>,
  inserts: readonly Insert<T>[],
  taken: Taken = neverTaken,
): Promise<readonly Answer<T>[]> {
  const answers = new Map<Insert<T>, Answer<T>>();
  for (let pending = inserts; pending.length > 0;) {
    const refused = await insertRound(collection, pending.slice(0, ROUND), answers);
    const keys = [...refused.keys()].map(({ key }) => key);
    // A refusal holds only for what is new.
    const before = await madeByRequests(collection, keys);
    const again: Insert<T>[] = [];
    for (const [insert, why] of refused) {
      const stored = before.get(insert.key.id);
      const answer = stored === undefined ? refusalOf(insert, why, taken) : answerOf(stored, insert.key);
      if (answer === undefined) again.push(insert);
      else answers.set(insert, answer);
    }
    pending = [...again, ...pending.slice(ROUND)];
  }
  return inserts.map((insert) => answers.get(insert) ?? { error: requestIdReused(insert.key.id) });
}

/** Inserts one document. Throws why it was refused. */
export async function insertOnce<T extends MadeByRequest>(
  collection: Collection<T>,
  insert: Insert<T>,
  taken?: Taken,
): Promise<Stored<T>> {
  const [answer] = await insertEachOnce(collection, [insert], taken);
  return storedOf(answer ?? { error: requestIdReused(insert.key.id) });
}

/** The document that a request made before, as it is now; undefined when there is none. Throws REQUEST_ID_REUSED. */
export async function madeBefore<T extends MadeByRequest>(
  collection: Collection<T>,
  key: RequestKey,
): Promise<Stored<T> | undefined> {
  const before = (await madeByRequests(collection, [key])).get(key.id);
  return before && storedOf(answerOf(before, key));
}

/** The documents that were made by requests with the ids of these, by that id. */
export async function madeByRequests<T extends MadeByRequest>(
  collection: Collection<T>,
  keys: readonly RequestKey[],
): Promise<ReadonlyMap<string, Stored<T>>> {
  const made = new Map<string, Stored<T>>();
  for (const chunk of inChunks(keys.flatMap(({ id }) => (id === '' ? [] : id)))) {
    const { documents } = await collection.find({ where: { request: { in: chunk } }, limit: chunk.length });
    for (const stored of documents) made.set(stored.value.request ?? '', stored);
  }
  return made;
}

/** Why a document was not inserted: its plan was refused, or a unique index, by its name, has a value of it already. */
type Refusal = BerthError | string;

/** Writes once for all, and sets the answers of what is inserted. Returns the others. */
async function insertRound<T extends MadeByRequest>(
  collection: Collection<T>,
  round: readonly Insert<T>[],
  answers: Map<Insert<T>, Answer<T>>,
): Promise<ReadonlyMap<Insert<T>, Refusal>> {
  const refused = new Map<Insert<T>, Refusal>();
  const drafts: { readonly insert: Insert<T>; readonly document: T }[] = [];
  for (const insert of round) {
    const { id, fingerprint } = insert.key;
    try {
      const document = insert.plan();
      drafts.push({ insert, document: id === '' ? document : { request: id, fingerprint, ...document } });
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      refused.set(insert, error);
    }
  }
  const results = drafts.length === 0 ? [] : await collection.insert(drafts.map(({ document }) => document));
  for (const [at, { insert, document }] of drafts.entries()) {
    const result = results[at];
    if (result?.outcome === 'inserted') answers.set(insert, { stored: { value: document, revision: result.revision } });
    else refused.set(insert, result?.index ?? REQUEST);
  }
  return refused;
}

/** What an insert is refused with; undefined when it is to be planned again. */
function refusalOf<T extends MadeByRequest>({ key }: Insert<T>, why: Refusal, taken: Taken): Answer<T> | undefined {
  const error = why === REQUEST ? requestIdReused(key.id) : typeof why === 'string' ? taken(why) : why;
  return error && { error };
}

function answerOf<T extends MadeByRequest>(stored: Stored<T>, { id, fingerprint }: RequestKey): Answer<T> {
  return stored.value.fingerprint === fingerprint ? { stored } : { error: requestIdReused(id) };
}
