import type { Answered, KeepsAnswers, RequestKey } from '@berth/kernel';
import type { Collection, Document, Stored } from '@berth/storage';
import { wasAnswered } from './answers.js';
import { inChunks } from './in-chunks.js';

/** A command on a document that has been given so many since that it has no room for this one; `id` is the request id. */
export type EarlierAnswer<Field extends string> = Answered & Readonly<Record<Field, string>>;

/**
 * Keeps the answers that documents have no room for, in a collection of their own. Its documents name the one that the
 * command was on in `field`.
 *
 * A command is looked for in its document first and here afterwards, and moved from there to here by an insert before the
 * write that drops it from the document. A reader that misses the command in the document read it after that write, so
 * after the insert, and finds it here. When the process dies between the two, the command is in both.
 */
export class EarlierAnswers<Field extends string> {
  constructor(
    private readonly collection: Collection<EarlierAnswer<Field>>,
    private readonly field: Field,
  ) {}

  /** Keeps answers; those that are there already stay. */
  async keep(documentId: string, answers: readonly Answered[]): Promise<void> {
    const named = { [this.field]: documentId } as Readonly<Record<Field, string>>;
    await this.collection.insert(answers.map(({ id, fingerprint, timeMs }) => ({ id, fingerprint, ...named, timeMs })));
  }

  /** The answers that are kept under these request ids. */
  async find(requestIds: readonly string[]): Promise<readonly EarlierAnswer<Field>[]> {
    const found: EarlierAnswer<Field>[] = [];
    for (const chunk of inChunks(requestIds)) {
      for (const { value } of await this.collection.getMany(chunk)) found.push(value);
    }
    return found;
  }

  /**
   * The document on which a command was carried out before, as it is now; undefined when it was not, or the document is
   * gone. The index of `answeredIds` finds it. Throws REQUEST_ID_REUSED when something else was asked by its id.
   */
  async documentOf<T extends Document & KeepsAnswers>(
    documents: Collection<T>,
    key: RequestKey,
  ): Promise<Stored<T> | undefined> {
    if (key.id === '') return undefined;
    const [stored] = (await documents.find({ where: { answeredIds: key.id }, limit: 1 })).documents;
    if (stored !== undefined && wasAnswered(stored.value.answered, key)) return stored;
    const earlier = await this.find([key.id]);
    const id = wasAnswered(earlier, key) ? earlier[0]?.[this.field] : undefined;
    return id === undefined ? undefined : documents.get(id);
  }
}
