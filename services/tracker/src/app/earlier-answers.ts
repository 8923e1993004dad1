import type { Allocation, Answered, RequestKey } from '../domain/index.js';
import { wasAnswered } from '../domain/index.js';
import type { EarlierAnswer, Stored, TrackerCollections } from '../ports/collections.js';
import { inChunks } from './chunks.js';

/** Where commands are remembered that a document has no room for. */
export interface Overflow {
  /** Keeps them; those that are there already stay. Before the document forgets them: it may remember them once more. */
  keep(documentId: string, answers: readonly Answered[]): Promise<void>;
  /**
   * The answers that are kept under these request ids. After the document was read: what is not in it any more was kept
   * before.
   */
  find(requestIds: readonly string[]): Promise<ReadonlyMap<string, EarlierAnswer>>;
}

/** Commands on allocations that have been given more than 256 since. */
export function earlierAnswers({ earlierAnswers: answers }: TrackerCollections): Overflow {
  return {
    async keep(allocationId, kept) {
      await answers.insert(kept.map(({ id, fingerprint, timeMs }) => ({ id, fingerprint, allocationId, timeMs })));
    },
    async find(requestIds) {
      const found = new Map<string, EarlierAnswer>();
      for (const chunk of inChunks(requestIds)) {
        for (const { value } of await answers.getMany(chunk)) found.set(value.id, value);
      }
      return found;
    },
  };
}

/** The allocation on which a command was carried out before. Throws REQUEST_ID_REUSED when something else was asked by its id. */
export async function answeredAllocation(
  collections: TrackerCollections,
  key: RequestKey,
): Promise<Stored<Allocation> | undefined> {
  if (key.id === '') return undefined;
  const { allocations } = collections;
  const { documents } = await allocations.find({ where: { answeredIds: key.id }, limit: 1 });
  const [stored] = documents;
  if (stored !== undefined && wasAnswered(stored.value, key)) return stored;
  const earlier = (await earlierAnswers(collections).find([key.id])).get(key.id);
  if (earlier === undefined || !wasAnswered({ answered: [earlier] }, key)) return undefined;
  return allocations.get(earlier.allocationId);
}
