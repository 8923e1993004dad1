import type { Clock, Timer } from '@berth/kernel';
import type { Codec } from '../ports/codec.js';
import type { Logger } from '../ports/environment.js';
import type { LogEntry } from '../ports/event-log.js';
import type { HistorySink } from '../ports/history-sink.js';
import type { Locks } from '../ports/locks.js';
import { beganOf, factsOf } from './history-facts.js';
import type { Replica, ReplicaListener } from './replica.js';

export interface HistoryDeps {
  readonly lab: string;
  readonly replica: Replica;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly locks: Locks;
  readonly sink: HistorySink;
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

/** Removes the position of a history that is not kept any more: nothing is held back from trimming for it. */
export async function forgetHistory({ log }: Replica): Promise<void> {
  if ((await log.bookmark(READER)) !== undefined) await log.setBookmark(READER, undefined);
}

/**
 * Tells the history of a lab's leases to a sink: at least once each, in order, from a position that is kept beside the log
 * and that trimming respects. One replica tells; what is told twice, when two of them believe that they are the one, changes
 * nothing. Leases never wait for it.
 */
export class History implements ReplicaListener {
  readonly #deps: HistoryDeps;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Ends the present pause. */
  #wake: () => void = () => undefined;
  #awaiting = false;
  /** How far it has told; undefined as long as another replica tells. */
  #position: number | undefined;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
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
    this.#running = this.#run();
  }

  /** Ends it; what was not told yet is told after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // The pause is none after the stop.
      await this.#pause(await this.#turn());
    }
  }

  /** Tells as long as it has the lock and all goes well; answers how long to wait then. */
  async #turn(): Promise<number> {
    const { locks, lab, logger } = this.#deps;
    let lock: Awaited<ReturnType<Locks['acquire']>>;
    try {
      lock = await locks.acquire(`history/${lab}`, LOCK_TTL_MS);
      if (lock === undefined) return LOCK_AGAIN_MS;
      await this.#tell(AbortSignal.any([lock.signal, this.#stop.signal]));
      return LOCK_AGAIN_MS;
    } catch (error) {
      if (this.#stop.signal.aborted) return 0;
      this.#failures += 1;
      const retryMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
      // The first time may be a start in which the tracker is not there yet; after that somebody should know.
      if (this.#failures === 3) logger.warn({ err: error, lab }, 'history is not taken; it is told again and again');
      return retryMs;
    } finally {
      await lock?.release().catch(() => undefined);
    }
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
      if (facts.length > 0) await sink.record(lab, facts, signal);
      position = await this.#mark(last);
      this.#wentWell();
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
    if (facts.length > 0) await sink.record(lab, facts, signal);
    return this.#mark(revision);
  }

  async #mark(position: number): Promise<number> {
    await this.#deps.replica.log.setBookmark(READER, position);
    this.#position = position;
    return position;
  }

  #factsOf(entry: LogEntry) {
    return entry.events.flatMap((bytes, i) => factsOf(this.#deps.codec.decodeEvent(bytes), entry.first + i));
  }

  #wentWell(): void {
    if (this.#failures >= 3) this.#deps.logger.info({ lab: this.#deps.lab }, 'history is taken again');
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
      if (this.#stop.signal.aborted) {
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
