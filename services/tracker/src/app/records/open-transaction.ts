import { BerthError } from '@berth/kernel';
import type { Deed, RecordBody } from '../../domain/records/index.js';
import type { InsertResult, RecordDocument, Stored, TransactionDocument } from '../../ports/record-collections.js';
import { logChanges } from './log-changes.js';
import type { RecordContext } from './record-context.js';
import { changeDocument, recordDocument } from './record-document.js';

/** A record that a transaction adds. */
export interface AddedRecord {
  readonly id: string;
  readonly kind: string;
  readonly created: string;
  readonly body: RecordBody;
}

/** Records are added in parts of this size, so that a store is not kept from its other callers. */
const PART = 250;

/** A transaction that this process has begun and not yet decided; see RecordTransactions. */
export class OpenTransaction {
  readonly #held = new Map<string, Stored<RecordDocument>>();

  constructor(
    private readonly ctx: RecordContext,
    private stored: Stored<TransactionDocument>,
  ) {}

  /** Whether a record is held by this transaction. */
  holds(id: string): boolean {
    return this.#held.has(id);
  }

  /** What it holds. */
  get held(): readonly RecordDocument[] {
    return [...this.#held.values()].map(({ value }) => value);
  }

  /** Adds records, each for itself: some may be refused because a unique value is taken. */
  async add(added: readonly AddedRecord[], deed: Deed): Promise<readonly InsertResult[]> {
    const documents: RecordDocument[] = [];
    for (const one of added) {
      const layout = await this.ctx.kinds.layoutOf(one.kind);
      const last = changeDocument(one, undefined, one.body, deed);
      documents.push(
        recordDocument(layout, { ...one, hold: { transaction: this.#name }, last, choreMs: this.ctx.clock.now() }),
      );
    }
    const results: InsertResult[] = [];
    for (let start = 0; start < documents.length; start += PART) {
      const part = documents.slice(start, start + PART);
      const inserted = await this.ctx.collections.records.insert(part);
      for (const [index, result] of inserted.entries()) {
        const value = part[index];
        if (result.outcome === 'inserted' && value !== undefined) {
          this.#held.set(value.id, { value, revision: result.revision });
        }
      }
      results.push(...inserted);
      await this.ctx.failpoint('tracker.recordsHeld');
    }
    return results;
  }

  /** Holds records that nobody holds, with their new contents. Answers which ones; the others changed in the meantime. */
  async hold(
    wanted: readonly { readonly stored: Stored<RecordDocument>; readonly body: RecordBody }[],
    deed: Deed,
  ): Promise<readonly boolean[]> {
    // A hold has one change to log, its own; what is left of the one before has to be logged first.
    await logChanges(
      this.ctx,
      wanted.map(({ stored }) => stored.value),
    );
    const writes: { document: RecordDocument; expected: string }[] = [];
    for (const { stored, body } of wanted) {
      const { id, kind, created, body: before } = stored.value;
      const layout = await this.ctx.kinds.layoutOf(kind);
      const hold = { transaction: this.#name, before };
      const last = changeDocument({ id, kind }, before, body, deed);
      const choreMs = this.ctx.clock.now();
      const document = recordDocument(layout, { id, kind, created, body, hold, last, choreMs });
      writes.push({ document, expected: stored.revision });
    }
    const results = await this.ctx.collections.records.replaceMany(writes);
    return results.map((result, index) => {
      const value = writes[index]?.document;
      if (result.outcome !== 'replaced' || value === undefined) return false;
      this.#held.set(value.id, { value, revision: result.revision });
      return true;
    });
  }

  /**
   * Puts everything back that it holds, and starts over as the next attempt. Without that, somebody who had read a record
   * while it was held here, and reads the status only after a commit that does not have this record any more, would take
   * the record as changed, and would log that. Throws TOO_MANY_CONFLICTS when others undid it.
   */
  async startOver(): Promise<void> {
    const { requests } = this.ctx.collections;
    const value = { ...this.stored.value, attempt: this.stored.value.attempt + 1, startedMs: this.ctx.clock.now() };
    const result = await requests.replace(value, this.stored.revision);
    await this.#putBack();
    if (result.outcome !== 'replaced') throw givenUp();
    this.stored = { value, revision: result.revision };
  }

  async #putBack(): Promise<void> {
    const { records } = this.ctx.collections;
    const writes: { document: RecordDocument; expected: string }[] = [];
    for (const { value, revision } of this.#held.values()) {
      const { id, kind, created, hold } = value;
      if (hold?.before === undefined) await records.remove(id, revision);
      else {
        const layout = await this.ctx.kinds.layoutOf(kind);
        writes.push({ document: recordDocument(layout, { id, kind, created, body: hold.before }), expected: revision });
      }
    }
    if (writes.length > 0) await records.replaceMany(writes);
    this.#held.clear();
  }

  /**
   * Makes all its changes at once. Answers the changes of the records, in the order of `ids` (default: as they were held).
   * Throws TOO_MANY_CONFLICTS when it took so long that others undid it; then nothing is changed.
   */
  async commit(ids: readonly string[] = [...this.#held.keys()]): Promise<readonly SeenChange[]> {
    const changes = ids.flatMap((id) => this.#held.get(id)?.value.last ?? []);
    const committed: TransactionDocument = {
      ...this.stored.value,
      status: 'committed',
      changes: changes.map(({ id }) => id),
    };
    await this.ctx.failpoint('tracker.beforeCommit');
    const { requests } = this.ctx.collections;
    const result = await requests.replace(committed, this.stored.revision);
    if (result.outcome !== 'replaced') {
      // Others only ever undo it; or somebody removed it since.
      await this.#putBack();
      throw givenUp();
    }
    await this.ctx.failpoint('tracker.afterCommit');
    await this.#rollForward();
    return changes;
  }

  /** Gives it up: puts back what it holds. What fails here is done by others once its time is over. */
  async giveUp(): Promise<void> {
    try {
      const undone: TransactionDocument = { ...this.stored.value, status: 'undone' };
      const result = await this.ctx.collections.requests.replace(undone, this.stored.revision);
      // Where a commit failed without an answer it may be committed: then nothing may be put back.
      if (result.outcome === 'replaced') await this.#putBack();
    } catch (error) {
      this.ctx.logger.warn({ err: error }, 'a change of several records could not be put back yet; the sweep will');
    }
  }

  /** It is committed: whatever fails here, others will do. */
  async #rollForward(): Promise<void> {
    try {
      await logChanges(this.ctx, this.held);
      const writes: { document: RecordDocument; expected: string }[] = [];
      for (const { value, revision } of this.#held.values()) {
        const { id, kind, created, body } = value;
        const layout = await this.ctx.kinds.layoutOf(kind);
        writes.push({ document: recordDocument(layout, { id, kind, created, body }), expected: revision });
      }
      if (writes.length > 0) await this.ctx.collections.records.replaceMany(writes);
    } catch (error) {
      this.ctx.logger.warn({ err: error }, 'committed records could not be rewritten yet; the sweep will');
    }
  }

  get #name(): string {
    return `${this.stored.value.id}#${this.stored.value.attempt}`;
  }
}

function givenUp(): BerthError {
  return new BerthError(
    'TOO_MANY_CONFLICTS',
    'this took so long that it was given up; nothing was changed. Repeat it with the same request_id.',
    { retryAfterMs: 100 },
  );
}

type SeenChange = NonNullable<RecordDocument['last']>;
