import { BerthError } from '@berth/kernel';
import type { EventLog, Followed } from '@berth/storage';
import type { SimulatedProcess } from './simulated-process.js';
import type { SimulatedStore } from './simulated-store.js';

/** An answer that takes longer is not waited for. */
const ANSWER_WITHIN_MS = 2_000;
const PAUSE_MS = 250;

/** What can happen to a call on its way to the store and back. */
export type Trouble = 'none' | 'slow' | 'lost' | 'late' | 'answerLost' | 'doubled';

/** The log as one process sees it: over a network that delays, loses and doubles. */
export class SimulatedEventLog implements EventLog {
  /** Chosen for each call. */
  trouble: () => Trouble = () => 'none';
  /** The session that was opened last. */
  session = '';
  readonly #recovered = new Set<() => void>();
  #isDown = false;
  #sentUntilMs = 0;

  constructor(
    readonly store: SimulatedStore,
    readonly process: SimulatedProcess,
    /** Told when the state is to be read, and when a call had trouble. */
    readonly told: { loading(): void; troubled(): void },
  ) {}

  now(): number {
    return this.process.now();
  }

  append: EventLog['append'] = (batch) => this.#call(() => this.store.append(batch));
  load: EventLog['load'] = () => {
    this.told.loading();
    return this.#call(() => this.store.load());
  };
  read: EventLog['read'] = (after) => this.#call(() => this.store.after(after) ?? 'trimmed');
  saveSnapshot: EventLog['saveSnapshot'] = (snapshot) => this.#call(() => this.store.saveSnapshot(snapshot));
  trim: EventLog['trim'] = (upTo) => this.#call(() => this.store.trim(upTo));
  bookmark: EventLog['bookmark'] = () => this.#call(() => undefined);
  setBookmark: EventLog['setBookmark'] = () => this.#call(() => undefined);
  recall: EventLog['recall'] = (id) => this.#call(() => this.store.recall(id));
  openSession: EventLog['openSession'] = (session, ttlMs) => {
    this.session = session;
    return this.#call(() => this.store.openSession(session, ttlMs));
  };
  beat: EventLog['beat'] = (session, ttlMs) => this.#call(() => this.store.beat(session, ttlMs));
  closeSession: EventLog['closeSession'] = (session) => this.#call(() => this.store.closeSession(session));
  touch: EventLog['touch'] = (leases, missing = false) =>
    this.#call(() => leases.map(({ lease, ttlMs }) => this.store.touch(lease, ttlMs, missing)));
  deadlines: EventLog['deadlines'] = (leases) =>
    this.#call(() =>
      leases.map((lease) => {
        const atMs = this.store.deadlines.get(lease);
        return atMs === undefined ? undefined : atMs - this.process.now();
      }),
    );
  aliveSessions: EventLog['aliveSessions'] = (sessions) =>
    this.#call(() => new Set(sessions.filter((session) => this.store.isAlive(session))));

  onRecovered(listener: () => void): () => void {
    this.#recovered.add(listener);
    return () => void this.#recovered.delete(listener);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<Followed> {
    let cursor = after;
    for (;;) {
      const changed = this.#change(signal);
      const found = this.store.frozen ? [] : this.store.after(cursor);
      if (found === undefined) {
        yield { kind: 'lost' };
        return;
      }
      for (const entry of found) {
        cursor = entry.last;
        yield { kind: 'entry', entry };
      }
      await changed;
      if (signal.aborted) return;
    }
  }

  /** Resolves when the store has changed and the process hears of it, or `signal` aborts. */
  #change(signal: AbortSignal): Promise<void> {
    const { process, store } = this;
    return new Promise((resolve) => {
      const hear = (): void => {
        signal.removeEventListener('abort', hear);
        resolve();
      };
      const wake = (): void => {
        store.followers.delete(wake);
        process.deliver('follow', this.#delay(), hear);
      };
      store.followers.add(wake);
      signal.addEventListener('abort', hear);
    });
  }

  #call<T>(ask: () => T): Promise<T> {
    const { process, store } = this;
    const trouble = this.trouble();
    if (trouble !== 'none' || store.frozen) this.told.troubled();
    return new Promise((resolve, reject) => {
      const answer = (made: T): void => {
        if (trouble === 'answerLost') return;
        const slowMs = trouble === 'slow' ? process.random.int(1_000) : 0;
        process.deliver('answers', this.#delay() + slowMs, () => {
          late.cancel();
          this.#up();
          resolve(made);
        });
      };
      const late = process.after(trouble === 'none' ? ANSWER_WITHIN_MS : process.random.int(ANSWER_WITHIN_MS), () => {
        this.#isDown = true;
        this.told.troubled();
        reject(new BerthError('STORE_UNAVAILABLE', 'the store does not answer', { retryAfterMs: PAUSE_MS }));
      });
      const arrives = (delayMs: number): void =>
        void process.time.after(delayMs, () => store.reach(() => answer(ask())));
      if (trouble === 'lost') return;
      if (trouble === 'late') arrives(ANSWER_WITHIN_MS + process.random.int(2 * ANSWER_WITHIN_MS));
      else arrives(this.#inTurn());
      if (trouble === 'doubled') arrives(process.random.int(ANSWER_WITHIN_MS));
    });
  }

  /** What is sent on one connection arrives in order. */
  #inTurn(): number {
    const nowMs = this.process.now();
    this.#sentUntilMs = Math.max(this.#sentUntilMs, nowMs + this.#delay());
    return this.#sentUntilMs - nowMs;
  }

  #delay(): number {
    const { random } = this.process;
    return random.chance(0.1) ? random.int(60) : random.int(4);
  }

  #up(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    for (const listener of this.#recovered) listener();
  }
}
