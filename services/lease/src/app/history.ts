import { Worker } from '@berth/documents';
import type { Clock, Logger, Timer } from '@berth/kernel';
import type { Codec } from '../ports/codec.js';
import type { LogEntry } from '../ports/event-log.js';
import type { HistorySink, LeaseFact, RefusedFact } from '../ports/history-sink.js';
import type { Locks } from '../ports/locks.js';
import type { HistoryBounds } from './history-backlog.js';
import { ageOf, bytesOf, HistoryBacklog } from './history-backlog.js';
import { beganOf, factsOf } from './history-facts.js';
import type { Replica } from './replica.js';
import type { ReplicaListener } from './replica-listener.js';

export interface HistoryDeps {
  readonly lab: string;
  readonly replica: Replica;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly locks: Locks;
  readonly sink: HistorySink;
  /** The most that the log keeps for a history that is not taken. */
  readonly bounds: HistoryBounds;
  /** What the log keeps in any case: to give it up frees nothing. */
  readonly keepMs: number;
  /** Told whether the history is taken, and why not. */
  readonly works?: (lab: string, works: boolean, why?: unknown) => void;
}

/** The bookmark's name. */
const READER = 'history';
const LOCK_TTL_MS = 15_000;
const LOCK_AGAIN_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Things that happen in quick succession are told together. */
const GATHER_MS = 200;
/** So few that keeping them in the same process does not hold up leases noticeably. */
const ENTRIES = 50;
/** Of its time, telling takes at most one part in four: whoever waits for a bench goes first. */
const REST = 3;
/** One failure may be a start in which the tracker is not there yet. */
const FAILURES_TOLD = 3;
/** A fact that is refused so often is set aside. */
const MOST_REFUSALS = 10;
/** How often it is looked at how far a slow tracker is behind. */
const LOOK_EVERY_MS = 60_000;
/** What is warned of, and given up, comes in such parts of the bounds. */
const PARTS = 8;

/** Removes the position of a history that is not kept any more: nothing is held back from trimming for it. */
export async function forgetHistory({ log }: Replica): Promise<void> {
  if ((await log.bookmark(READER)) !== undefined) await log.setBookmark(READER, undefined);
}

/**
 * Tells the history of a lab's leases to a sink: at least once each, in order, from a position that is kept beside the log
 * and that trimming respects. One replica tells; what is told twice, when two of them believe that they are the one, changes
 * nothing. Leases never wait for it: what the log keeps for it has bounds, beyond which the oldest facts are given up.
 */
export class History implements ReplicaListener {
  readonly #deps: HistoryDeps;
  readonly #worker: Worker;
  #failures = 0;
  /** Ends the present pause. */
  #wake: () => void = () => undefined;
  #awaiting = false;
  /** How far it has told; undefined as long as another replica tells. */
  #position: number | undefined;
  readonly #backlog: HistoryBacklog;
  /** How many parts of the bounds were taken up at the last look. */
  #parts = 0;
  #lookedMs = -Infinity;
  /** How often each fact that stands in the way was refused. */
  readonly #refusals = new Map<string, number>();
  /** Facts that nobody will be told of, since the start. */
  readonly #lost = { setAside: 0, givenUp: 0 };

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
    this.#worker = new Worker({
      clock: deps.clock,
      locks: deps.locks,
      lock: `history/${deps.lab}`,
      lockTtlMs: LOCK_TTL_MS,
      work: (signal) => this.#tell(signal),
      againMs: LOCK_AGAIN_MS,
      retryMs: () => Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1)),
      went: async (_step, error) => {
        if (error !== undefined) await this.#failed(error);
      },
    });
    this.#backlog = new HistoryBacklog(deps.replica.log, () => this.#pause(1));
  }

  /** True when this process has nothing left to tell. */
  get told(): boolean {
    return this.#position === undefined || this.#position === this.#deps.replica.state.revision;
  }

  applied(): void {
    if (this.#awaiting) this.#wake();
  }

  reloaded(): void {
    if (this.#awaiting) this.#wake();
  }

  start(): void {
    this.#worker.start();
  }

  /** Ends it; what was not told yet is told after the next start. */
  async stop(): Promise<void> {
    const stopped = this.#worker.stop();
    this.#wake();
    await stopped;
    this.#deps.works?.(this.#deps.lab, true);
  }

  async #failed(error: unknown): Promise<void> {
    this.#failures += 1;
    if (this.#failures >= FAILURES_TOLD) this.#deps.works?.(this.#deps.lab, false, error);
    // Also when nobody can be elected: then nobody tells, and the log grows all the same.
    await this.#keepBounds().catch(() => undefined);
  }

  async #tell(signal: AbortSignal): Promise<void> {
    const { replica, sink, clock, lab } = this.#deps;
    let position = (await replica.log.bookmark(READER)) ?? (await this.#mark(0));
    this.#position = position;
    while (!signal.aborted) {
      const entries = await replica.log.read(position, ENTRIES);
      if (entries === 'trimmed') {
        position = position === 0 ? await this.#tellWhatIs(signal) : await this.#mark(0);
        continue;
      }
      const last = entries.at(-1)?.last;
      if (last === undefined) {
        await this.#news(position);
        continue;
      }
      const beganMs = clock.monotonic();
      const facts = entries.flatMap((entry) => this.#factsOf(entry));
      if (facts.length > 0) this.#setAside(await sink.record(lab, facts, signal));
      position = await this.#mark(last, entries);
      this.#wentWell();
      if (entries.length === ENTRIES && clock.monotonic() > this.#lookedMs + LOOK_EVERY_MS) {
        await this.#keepBounds();
        position = (await replica.log.bookmark(READER)) ?? position;
      }
      await this.#pause(REST * (clock.monotonic() - beganMs));
    }
  }

  /**
   * Begins with the leases that are held now, where the log does not go back far enough. The bookmark stands at 0 meanwhile,
   * so nothing is trimmed that comes after the state that is told.
   */
  async #tellWhatIs(signal: AbortSignal): Promise<number> {
    const { replica, sink, lab } = this.#deps;
    const { revision, leases } = replica.state;
    const facts = [...leases.values()].map(beganOf);
    if (facts.length > 0) this.#setAside(await sink.record(lab, facts, signal));
    return this.#mark(revision);
  }

  async #mark(position: number, passed: readonly LogEntry[] = []): Promise<number> {
    await this.#deps.replica.log.setBookmark(READER, position);
    this.#backlog.passed(passed, position);
    this.#position = position;
    return position;
  }

  /**
   * Throws while one of the refused facts is to be told again. Those that were refused often enough are set aside, so that
   * those behind them go on: the process's own log then has them whole.
   */
  #setAside(refused: readonly RefusedFact[]): void {
    const { logger, lab } = this.#deps;
    for (const { fact } of refused) this.#refusals.set(keyOf(fact), (this.#refusals.get(keyOf(fact)) ?? 0) + 1);
    const again = refused.find(({ fact }) => (this.#refusals.get(keyOf(fact)) ?? 0) < MOST_REFUSALS);
    if (again !== undefined) throw new Error(`a fact of the history is refused: ${again.why}`);
    this.#refusals.clear();
    for (const { fact, why } of refused) {
      this.#lost.setAside += 1;
      const context = { lab, fact, reason: why, setAside: this.#lost.setAside };
      logger.error(context, `a fact of the history was refused ${MOST_REFUSALS} times: it is set aside`);
    }
  }

  /** Warns of what the log keeps for the history, from half of its bounds on, and gives up the oldest beyond them. */
  async #keepBounds(): Promise<void> {
    const { replica, bounds, lab, logger, clock } = this.#deps;
    this.#lookedMs = clock.monotonic();
    const position = await replica.log.bookmark(READER);
    if (position === undefined) return;
    const backlog = await this.#backlog.after(position);
    if (backlog === 'trimmed') {
      // Nothing can be told from there on: it begins again with the leases that are held then, and needs nothing kept.
      await replica.log.setBookmark(READER, undefined);
      return;
    }
    const share = Math.max(backlog.bytes / bounds.bytes, backlog.ageMs / bounds.ageMs);
    const parts = Math.floor(share * PARTS);
    if (parts > this.#parts && parts >= PARTS / 2) {
      const text =
        'the log keeps much for a history that is not taken; beyond its bounds the oldest facts are given up';
      logger.warn({ lab, ...backlog, maxBytes: bounds.bytes, maxAgeMs: bounds.ageMs }, text);
    }
    this.#parts = parts;
    if (share >= 1) await this.#giveUp(position, backlog.bytes);
  }

  /** Gives up the oldest facts until an eighth of the bounds is free. */
  async #giveUp(from: number, size: number): Promise<void> {
    const { replica, bounds, keepMs, lab, logger } = this.#deps;
    const { log } = replica;
    const most = 1 - 1 / PARTS;
    let [position, bytes, facts] = [from, 0, 0];
    for (let over = true; over && !this.#worker.signal.aborted;) {
      const entries = await log.read(position, ENTRIES);
      if (entries === 'trimmed') break;
      const passed: LogEntry[] = [];
      for (const entry of entries) {
        const ageMs = ageOf(entry, log);
        over = ageMs > keepMs && (size - bytes > bounds.bytes * most || ageMs > bounds.ageMs * most);
        if (!over) break;
        bytes += bytesOf(entry);
        facts += this.#factsOf(entry).length;
        passed.push(entry);
      }
      const last = passed.at(-1)?.last;
      if (last === undefined) break;
      position = await this.#mark(last, passed);
      await this.#pause(1);
    }
    if (position === from) return;
    await log.trim(Math.min(position, (log.now() - keepMs) * 1000));
    this.#lost.givenUp += facts;
    const context = { lab, facts, bytes, until: new Date(position / 1000), givenUp: this.#lost.givenUp };
    logger.error(context, 'the oldest facts of a history that is not taken were given up, to bound the log');
  }

  #factsOf(entry: LogEntry) {
    return entry.events.flatMap((bytes, i) => factsOf(this.#deps.codec.decodeEvent(bytes), entry.first + i));
  }

  #wentWell(): void {
    if (this.#failures >= FAILURES_TOLD) this.#deps.works?.(this.#deps.lab, true);
    this.#failures = 0;
  }

  /** Resolves some time after there is something after `position`. */
  async #news(position: number): Promise<void> {
    this.#awaiting = true;
    // Looked at after `awaiting` is set: what is applied from now on ends the pause.
    if (this.#deps.replica.state.revision === position) await this.#pause(LOCK_AGAIN_MS);
    this.#awaiting = false;
    await this.#pause(GATHER_MS);
  }

  /** Resolves after this time, when it is woken, or at the stop. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#worker.signal.aborted) {
        resolve();
        return;
      }
      let timer: Timer | undefined = undefined;
      const done = (): void => {
        timer?.cancel();
        resolve();
      };
      this.#wake = done;
      timer = this.#deps.clock.after(ms, done);
    });
  }
}

function keyOf(fact: LeaseFact): string {
  return `${fact.kind}/${fact.leaseId}/${fact.atMs}`;
}
