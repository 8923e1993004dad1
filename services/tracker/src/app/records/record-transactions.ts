import { randomId, requestIdReused } from '@berth/kernel';
import type { RecordBody, RequestKey } from '../../domain/records/index.js';
import type {
  Hold,
  RecordDocument,
  RequestDocument,
  Stored,
  TransactionDocument,
} from '../../ports/record-collections.js';
import { checkSame, requestDocumentId } from './bound-request.js';
import { OpenTransaction } from './open-transaction.js';
import { wait } from './pause.js';
import type { RecordContext } from './record-context.js';
import { recordDocument } from './record-document.js';

/** Whoever began a transaction has so long to commit it; then others may undo it. */
export const OPEN_MS = 10_000;

/** A record as a reader sees it. */
export interface SeenRecord {
  readonly id: string;
  readonly kind: string;
  readonly body: RecordBody;
}

/** The call was carried out before, and made these changes. */
export interface Repeated {
  readonly changes: readonly string[];
}

/**
 * Changes of several records that are done wholly or not at all, on a store without transactions across documents.
 *
 * A document says whether: its status goes from `open` to `committed` or to `undone` by one compare-and-swap, and stays.
 * Records are first *held*: their document gets the new contents, beside what they were before and the transaction's name.
 * Whoever meets a held record looks at the status: committed → the new contents count, else what was before (nothing, for
 * a record that is added). So all records change in the instant of that one write. Rewriting them without the hold comes
 * after it and changes nothing that anybody sees; it is done by whoever comes first: the one that began, a writer that
 * wants the record, or the sweep.
 *
 * What can happen in between:
 * - The process dies before the commit: the status stays `open`, nobody sees anything. After OPEN_MS whoever meets one of
 *   its records, or the sweep, sets it `undone` and puts the records back. It dies after the commit: they are rolled forward.
 * - It was only paused, and wakes after that: its commit is a compare-and-swap on the status's document, which was replaced
 *   since, so it fails, and it puts back what it still holds. A record that it adds after it was undone belongs to an undone
 *   transaction (or to none, once the sweep removed that) and is treated as not there, and removed by the sweep.
 * - A reader sees the record held, and reads the status a moment later: it sees the contents as of that moment.
 * - Two roll the same record: the second's compare-and-swap finds another revision; it reads again.
 * - A repeat of the call (same request id) meets the same transaction, since its id is made from the request's: committed →
 *   it answers the same; open → it waits until that is decided; undone → it begins the next attempt, and holds of attempts
 *   before count as undone, so they can never come to life with the commit of a later one. The same holds for one that puts
 *   back what it holds and starts over.
 */
export class RecordTransactions {
  constructor(private readonly ctx: RecordContext) {}

  /** Begins one, or tells what the same call did before. Throws REQUEST_ID_REUSED. */
  async begin(request: RequestKey | undefined): Promise<OpenTransaction | Repeated> {
    const { requests } = this.ctx.collections;
    const id = request === undefined ? randomId('rt') : requestDocumentId(request);
    for (let tries = 0; ; tries += 1) {
      const stored = await requests.get(id);
      if (stored === undefined) {
        const first = this.#opened(id, 1, request);
        const [inserted] = await requests.insert([first]);
        if (inserted?.outcome !== 'inserted') continue;
        return new OpenTransaction(this.ctx, { value: first, revision: inserted.revision });
      }
      const { value, revision } = stored;
      checkSame(value, request);
      if (value.status === 'single') throw requestIdReused(value.request.id);
      if (value.status === 'committed') return { changes: value.changes ?? [] };
      if (value.status === 'undone') {
        const again = this.#opened(id, value.attempt + 1, request);
        const replaced = await requests.replace(again, revision);
        if (replaced.outcome === 'replaced') {
          return new OpenTransaction(this.ctx, { value: again, revision: replaced.revision });
        }
      } else await this.#undoIfOld(value, revision);
      await wait(tries, 'the same request');
    }
  }

  /** What readers see of records: those that are there, in order. */
  async visible(found: readonly Stored<RecordDocument>[]): Promise<readonly SeenRecord[]> {
    const committed = new Set(await this.committed(found));
    return found.flatMap((stored) => {
      const { id, kind, body, hold } = stored.value;
      const seen = hold === undefined || committed.has(stored) ? body : hold.before;
      return seen === undefined ? [] : [{ id, kind, body: seen }];
    });
  }

  /** The held records whose transaction is committed. */
  async committed(found: readonly Stored<RecordDocument>[]): Promise<readonly Stored<RecordDocument>[]> {
    const ids = new Set(found.flatMap(({ value: { hold } }) => (hold === undefined ? [] : [transactionId(hold)])));
    if (ids.size === 0) return [];
    const transactions = await this.ctx.collections.requests.getMany([...ids]);
    const known = new Map(transactions.map(({ value }) => [value.id, value]));
    return found.filter(
      ({ value: { hold } }) => hold !== undefined && statusOf(hold, known.get(transactionId(hold))) === 'committed',
    );
  }

  /**
   * The record without a hold, for whoever wants to change it; undefined when it is not there. Waits for a transaction that
   * is under way, at most until it may be undone.
   */
  async settle(stored: Stored<RecordDocument> | undefined): Promise<Stored<RecordDocument> | undefined> {
    const { records } = this.ctx.collections;
    let now = stored;
    for (let tries = 0; now?.value.hold !== undefined; tries += 1) {
      const { id, hold } = now.value;
      const transaction = await this.ctx.collections.requests.get(transactionId(hold));
      const status = statusOf(hold, transaction?.value);
      if (status === 'open' && transaction !== undefined) {
        await this.#undoIfOld(transaction.value, transaction.revision);
        await wait(tries, `the record ${id}`);
      } else await this.roll(now, status === 'committed');
      now = await records.get(id);
    }
    return now;
  }

  /** Ends the hold of a record, forward or back. Does nothing when somebody else was faster. */
  async roll({ value, revision }: Stored<RecordDocument>, committed: boolean): Promise<void> {
    const { records, changes } = this.ctx.collections;
    const { id, kind, created, body, hold, last } = value;
    const after = committed ? body : hold?.before;
    if (after === undefined) {
      await records.remove(id, revision);
      return;
    }
    // The change first: it must not be lost when the process dies between the two writes. Its id makes a repeat harmless.
    if (committed && last !== undefined) await changes.insert([last]);
    const layout = await this.ctx.kinds.layoutOf(kind);
    await records.replace(recordDocument(layout, { id, kind, created, body: after }), revision);
  }

  /** Sets an open transaction undone when its time is over, so that its records can be put back. */
  async #undoIfOld(value: RequestDocument, revision: string): Promise<void> {
    if (value.status !== 'open' || value.startedMs > this.ctx.clock.now() - OPEN_MS) return;
    await this.ctx.collections.requests.replace({ ...value, status: 'undone' }, revision);
  }

  #opened(id: string, attempt: number, request: RequestKey | undefined): TransactionDocument {
    const startedMs = this.ctx.clock.now();
    return { id, attempt, status: 'open', startedMs, ...(request !== undefined && { request }) };
  }
}

/** The transaction that a hold belongs to. */
export function transactionId({ transaction }: Hold): string {
  return transaction.slice(0, transaction.lastIndexOf('#'));
}

/** How a transaction is named in holds. */
export function holdName({ id, attempt }: TransactionDocument): string {
  return `${id}#${attempt}`;
}

/**
 * The status of a hold's transaction. A transaction that is not there was undone, and all of it put back, long ago: the
 * sweep removes no other.
 */
function statusOf(hold: Hold, transaction: RequestDocument | undefined): TransactionDocument['status'] {
  if (transaction === undefined || transaction.status === 'single') return 'undone';
  return holdName(transaction) === hold.transaction ? transaction.status : 'undone';
}
