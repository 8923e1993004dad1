import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { ChainedEntry } from '../event-log/chain.js';
import { chainedEntry, continues, readable } from '../event-log/chain.js';
import { checkAppend } from '../event-log/check-append.js';
import type { Append, AppendResult, EventLog, Followed, LogEntry, Revision, Snapshot } from '../event-log/event-log.js';
import { packEvents } from '../event-log/packing.js';
import { AnswerSweep } from './answer-sweep.js';
import type { StepContext } from './append-steps.js';
import { takeStep } from './append-steps.js';
import type { SqliteDatabase } from './driver/sqlite-database.js';
import { RecentEntries } from './recent-entries.js';
import { SoftState } from './soft-state.js';
import type { Statements } from './statements.js';
import { storeFailure } from './store-failure.js';
import { Wakeups } from '../event-log/wakeups.js';

const PAGE = 1_000;
const FOLLOW_RETRY_MS = 200;

/** What a log needs of its store. */
export interface SqliteLab {
  readonly id: number;
  readonly db: SqliteDatabase;
  readonly statements: Statements;
  readonly file: string;
  readonly clock: Clock;
}

/**
 * The log of one lab in an SQLite file that this process has for itself. Each call does its work before it returns, so
 * calls never interleave; the promises are the port's.
 */
export class SqliteEventLog implements EventLog {
  readonly #lab: SqliteLab;
  readonly #soft: SoftState;
  readonly #sweep: AnswerSweep;
  readonly #recent = new RecentEntries();
  readonly #wakeups = new Wakeups();
  #last: Revision;
  #closed = false;

  constructor(lab: SqliteLab) {
    this.#lab = lab;
    this.#soft = new SoftState(() => lab.clock.monotonic());
    this.#sweep = new AnswerSweep(lab.id, lab.statements);
    this.#last = lab.statements.lastRevision.get(lab.id, lab.id)?.last ?? 0;
  }

  now(): number {
    return this.#lab.clock.now();
  }

  append(batch: Append): Promise<AppendResult> {
    return this.#settle(() => this.#append(batch));
  }

  load(): ReturnType<EventLog['load']> {
    return this.#settle(() => {
      const snapshot = this.#lab.statements.snapshot.get(this.#lab.id);
      const entries = this.#after(snapshot?.revision ?? 0, Number.MAX_SAFE_INTEGER).map(({ entry }) => entry);
      return { snapshot, entries, last: this.#last };
    });
  }

  read(after: Revision, limit = PAGE): Promise<readonly LogEntry[] | 'trimmed'> {
    return this.#settle(() => readable(after, this.#last, this.#after(after, limit)));
  }

  async *follow(after: Revision, signal: AbortSignal): AsyncGenerator<Followed, void> {
    let cursor = after;
    while (!signal.aborted && !this.#closed) {
      let found: readonly ChainedEntry[];
      try {
        found = this.#after(cursor, PAGE);
      } catch {
        await this.#wakeups.next(signal, this.#lab.clock, FOLLOW_RETRY_MS);
        continue;
      }
      if (!continues(cursor, this.#last, found[0])) {
        yield { kind: 'lost' };
        return;
      }
      for (const { entry } of found) {
        cursor = entry.last;
        yield { kind: 'entry', entry };
      }
      // Nothing can be appended between the look at #last and the wait: both happen in one turn of the event loop.
      if (cursor === this.#last) await this.#wakeups.next(signal);
    }
  }

  saveSnapshot(snapshot: Snapshot): Promise<void> {
    return this.#settle(() => {
      const { id, statements } = this.#lab;
      const known = statements.isPosition.get(id, snapshot.revision, id, snapshot.revision)?.known === 1;
      // A log that was never trimmed has `trimmed` 0, which is no entry's end.
      if (known && snapshot.revision > 0) statements.saveSnapshot.run(id, snapshot.revision, snapshot.data);
    });
  }

  trim(upTo: Revision): Promise<void> {
    return this.#settle(() => {
      const { id, statements, db } = this.#lab;
      db.transaction(() => {
        const bookmark = statements.lowestBookmark.get(id)?.position ?? Infinity;
        const limit = Math.min(upTo, statements.snapshot.get(id)?.revision ?? 0, bookmark);
        const newest = statements.newestUpTo.get(id, limit)?.last ?? null;
        if (newest === null) return;
        statements.dropUpTo.run(id, limit);
        statements.setTrimmed.run(newest, id);
      });
      this.#recent.clear();
    });
  }

  bookmark(reader: string): Promise<Revision | undefined> {
    return this.#settle(() => this.#lab.statements.bookmark.get(this.#lab.id, reader)?.position);
  }

  setBookmark(reader: string, position: Revision | undefined): Promise<void> {
    return this.#settle(() => {
      const { id, statements } = this.#lab;
      if (position === undefined) statements.removeBookmark.run(id, reader);
      else statements.setBookmark.run(id, reader, position);
    });
  }

  touch(
    leases: readonly { readonly lease: string; readonly ttlMs: number }[],
    missing = false,
  ): Promise<readonly boolean[]> {
    return this.#settle(() =>
      leases.map(({ lease, ttlMs }) => {
        if ((this.#soft.deadline(lease) === undefined) !== missing) return false;
        this.#soft.setDeadline(lease, this.#soft.monotonic() + ttlMs);
        return true;
      }),
    );
  }

  deadlines(leases: readonly string[]): Promise<readonly (number | undefined)[]> {
    return this.#settle(() => leases.map((lease) => this.#soft.remaining(lease)));
  }

  openSession(session: string, ttlMs: number): Promise<void> {
    return this.#settle(() => {
      this.#soft.openSession(session, ttlMs);
    });
  }

  beat(session: string, ttlMs: number): Promise<boolean> {
    return this.#settle(() => this.#soft.beat(session, ttlMs));
  }

  closeSession(session: string): Promise<void> {
    return this.#settle(() => {
      this.#soft.closeSession(session);
    });
  }

  aliveSessions(sessions: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#settle(() => new Set(sessions.filter((session) => this.#soft.alive(session))));
  }

  recall(id: string): Promise<string | undefined> {
    return this.#settle(() => this.#lab.statements.recall.get(this.#lab.id, id, this.now())?.value);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#wakeups.wake();
    return Promise.resolve();
  }

  #append(batch: Append): AppendResult {
    checkAppend(batch);
    const prev = this.#last;
    if (batch.expected !== prev) return this.#missed(batch.expected);
    const { id, statements, db } = this.#lab;
    const nowMs = this.now();
    const count = batch.events.length;
    const first = count === 0 ? prev + 1 : Math.max(prev + 1, Math.floor(nowMs * 1_000));
    const last = first + count - 1;
    const deadlines: StepContext['deadlines'] = new Map();
    const context = { lab: id, statements, soft: this.#soft, deadlines, first, nowMs };
    db.begin();
    try {
      for (const [step, todo] of batch.steps.entries()) {
        const refusal = takeStep(context, todo);
        if (refusal === undefined) continue;
        db.rollBack();
        return { outcome: 'refused', refusal: { step, ...refusal } };
      }
      if (count > 0) statements.insertEntry.run(id, last, prev, packEvents(batch.events));
      this.#sweep.afterSteps(batch.steps, nowMs);
      db.commit();
    } catch (error) {
      db.rollBack();
      throw error;
    }
    for (const [lease, at] of deadlines) this.#soft.setDeadline(lease, at);
    if (count > 0) {
      this.#last = last;
      this.#recent.push({ prev, entry: { first, last, events: batch.events } });
      this.#wakeups.wake();
    }
    return { outcome: 'committed', first, last };
  }

  #missed(expected: Revision): AppendResult {
    const found = this.#after(expected, PAGE);
    if (!continues(expected, this.#last, found[0])) return { outcome: 'lost' };
    return { outcome: 'conflict', missed: found.map(({ entry }) => entry) };
  }

  #after(after: Revision, limit: number): ChainedEntry[] {
    if (after >= this.#last) return [];
    const recent = this.#recent.after(after, limit);
    if (recent !== undefined) return recent;
    return this.#lab.statements.entriesAfter
      .all(this.#lab.id, after, limit)
      .map((row) => chainedEntry(row.prev, row.last, row.events));
  }

  #settle<T>(work: () => T): Promise<T> {
    try {
      if (this.#closed)
        throw new BerthError('SHUTTING_DOWN', `the log in ${this.#lab.file} is closed; the server is stopping`);
      return Promise.resolve(work());
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what was thrown, made readable
      return Promise.reject(storeFailure(error, this.#lab.file));
    }
  }
}
