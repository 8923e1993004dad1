import type { RequestKey } from '@berth/kernel';
import { BerthError, requestIdReused } from '@berth/kernel';
import type { Collection, Document, Stored } from '@berth/storage';
import type { Answer } from './carry-out.js';
import { storedOf } from './carry-out.js';
import { inChunks } from './in-chunks.js';

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

/**
 * Inserts documents, each for itself: it is there wholly or not at all. A repeat of a request adds nothing: its answer is the
 * document that the request made, as it is now, also when that may not be made any more; REQUEST_ID_REUSED when its id asked
 * for something else. Answers in the order of the inserts; throws STORE_UNAVAILABLE.
 */
export async function insertEachOnce<T extends MadeByRequest>(
  collection: Collection<T>,
  inserts: readonly Insert<T>[],
): Promise<readonly Answer<T>[]> {
  const answers = new Map<Insert<T>, Answer<T>>();
  for (let from = 0; from < inserts.length; from += ROUND) {
    await insertRound(collection, inserts.slice(from, from + ROUND), answers);
  }
  // A refusal holds only for what is new.
  const refused = inserts.filter((insert) => 'error' in (answers.get(insert) ?? {}));
  const keys = refused.map(({ key }) => key);
  const before = await madeByRequests(collection, keys);
  for (const insert of refused) {
    const stored = before.get(insert.key.id);
    if (stored !== undefined) answers.set(insert, answerOf(stored, insert.key));
  }
  return inserts.map((insert) => answers.get(insert) ?? { error: requestIdReused(insert.key.id) });
}

/** Inserts one document. Throws why it was refused. */
export async function insertOnce<T extends MadeByRequest>(
  collection: Collection<T>,
  insert: Insert<T>,
): Promise<Stored<T>> {
  const [answer] = await insertEachOnce(collection, [insert]);
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

/** Writes once for all, and sets the answers. */
async function insertRound<T extends MadeByRequest>(
  collection: Collection<T>,
  round: readonly Insert<T>[],
  answers: Map<Insert<T>, Answer<T>>,
): Promise<void> {
  const drafts: { readonly insert: Insert<T>; readonly document: T }[] = [];
  for (const insert of round) {
    const { id, fingerprint } = insert.key;
    try {
      drafts.push({ insert, document: { ...insert.plan(), ...(id !== '' && { request: id, fingerprint }) } });
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      answers.set(insert, { error });
    }
  }
  const results = drafts.length === 0 ? [] : await collection.insert(drafts.map(({ document }) => document));
  for (const [at, { insert, document }] of drafts.entries()) {
    const result = results[at];
    const inserted = result?.outcome === 'inserted';
    answers.set(
      insert,
      inserted ? { stored: { value: document, revision: result.revision } } : { error: requestIdReused(insert.key.id) },
    );
  }
}

function answerOf<T extends MadeByRequest>(stored: Stored<T>, { id, fingerprint }: RequestKey): Answer<T> {
  return stored.value.fingerprint === fingerprint ? { stored } : { error: requestIdReused(id) };
}
