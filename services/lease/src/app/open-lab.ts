import type { Clock, Failpoint, Logger } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { LabRules, LabState, Lease, RequestSpec } from '../domain/index.js';
import { planCleanFree, someFreeToClean } from '../domain/index.js';
import type { Codec } from '../ports/codec.js';
import type { EventLog } from '../ports/event-log.js';
import type { HistorySink } from '../ports/history-sink.js';
import type { Locks } from '../ports/locks.js';
import { Deadlines } from './deadlines.js';
import { forgetHistory, History } from './history.js';
import type { HistoryBounds } from './history-backlog.js';
import type { AcquireSink, CallEnd, Holder } from './acquire-sink.js';
import type { Command } from './command.js';
import type { Lab } from './lab.js';
import type { LeaseMetrics } from './lease-metrics.js';
import { Replica } from './replica.js';
import { Session } from './session.js';
import { Snapshots } from './snapshots.js';
import { Streams } from './streams.js';
import { Warnings } from './warnings.js';
import { WatchRing } from './watch-ring.js';

const RESTOCK_AGAIN_MS = 1000;

export interface LabSettings {
  readonly rules: LabRules;
  /** How long a server process's session lives without a beat: a dead one's connection leases end after this. */
  readonly sessionTtlMs: number;
  readonly snapshotEveryEntries: number;
  readonly logKeepMs: number;
  /** The most that the log keeps for a history that is not taken. */
  readonly historyBounds: HistoryBounds;
  /** How long before its end a lease is warned of. */
  readonly warnBeforeMs: readonly number[];
}

export interface LabDeps {
  readonly name: string;
  readonly log: EventLog;
  /** True when other processes work on the same log. */
  readonly shared: boolean;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  readonly settings: LabSettings;
  /** Where the history of leases goes, and what elects the replica that tells it; absent = it is not kept. */
  readonly history?:
    | {
        readonly locks: Locks;
        readonly sink: HistorySink;
        /** Told whether the history of a lab is taken, and why not. */
        readonly works?: (lab: string, works: boolean, why?: unknown) => void;
      }
    | undefined;
  /** Told what this process committed. */
  readonly metrics?: LeaseMetrics | undefined;
  /** Fills a lab that has no benches: at first start, and (`afterLoss`) after a store came back empty. */
  readonly seed: (lab: Pick<OpenLab, 'run'>, afterLoss: boolean) => Promise<void>;
}

/** A lab on this process, with all that works on it. */
export class OpenLab implements Lab {
  readonly name: string;
  readonly #deps: LabDeps;
  readonly #replica: Replica;
  readonly #session: Session;
  readonly #streams: Streams;
  readonly #deadlines: Deadlines;
  readonly #warnings: Warnings;
  readonly #snapshots: Snapshots;
  readonly #history: History | undefined;
  /** The changes of the lab, for watchers. */
  readonly changes: WatchRing;
  readonly #stop = new AbortController();
  /** How often the state was loaded anew. */
  #restocks = 0;
  #follower: Promise<void> = Promise.resolve();
  /** Aborts when the state was loaded anew. */
  #reloaded = new AbortController();
  #unhook: (() => void) | undefined;

  constructor(deps: LabDeps) {
    const { name, log, codec, clock, logger, failpoint, settings, shared } = deps;
    const { rules, sessionTtlMs } = settings;
    this.name = name;
    this.#deps = deps;
    const sessionDead = (session: string) => this.#session.dead(session);
    const { metrics } = deps;
    const committed = metrics?.committed.bind(metrics);
    const replica = new Replica({ log, codec, rules, clock, logger, failpoint, shared, sessionDead, committed });
    this.#replica = replica;
    this.changes = new WatchRing(replica, clock);
    const reattach = (): readonly Command<unknown>[] => this.#streams.reattach();
    const attachAgain = (): void => this.#streams.attachAgain();
    this.#session = new Session({ replica, clock, logger, ttlMs: sessionTtlMs, shared, reattach, attachAgain });
    this.#deadlines = new Deadlines({ replica, clock, logger, session: () => this.#session.id });
    const { warnBeforeMs: beforeMs } = settings;
    this.#warnings = new Warnings({ replica, clock, logger, deadlines: this.#deadlines, beforeMs });
    this.#streams = new Streams({
      replica,
      clock,
      logger,
      sessionTtlMs,
      session: () => this.#session,
      remainingMs: (lease) => this.remainingMs(lease),
      watchLease: (lease, holder) => this.watchLease(lease, holder),
    });
    const { snapshotEveryEntries: everyEntries, logKeepMs: keepMs } = settings;
    this.#snapshots = new Snapshots({ replica, codec, logger, everyEntries, keepMs });
    const { history } = deps;
    this.#history =
      history &&
      new History({ lab: name, replica, codec, clock, logger, bounds: settings.historyBounds, keepMs, ...history });
  }

  get state(): Lab['state'] {
    return this.#replica.state;
  }

  get views(): Lab['views'] {
    return this.#replica.views;
  }

  now(): number {
    return this.#replica.log.now();
  }

  /** True when closing it would be noticed by nobody: nobody waits, holds, watches or is being answered. */
  get idle(): boolean {
    const { state, idle } = this.#replica;
    const empty = state.requests.size === 0 && state.leases.size === 0;
    return empty && idle && this.#streams.idle && !this.changes.watched && this.#history?.told !== false;
  }

  /**
   * Loads the state and begins to work on it. Throws STORE_UNAVAILABLE when the store can't be reached; then nothing is left
   * running.
   */
  async open(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      // Not waited for: a store that does not answer would keep the caller twice as long.
      this.close().catch((err: unknown) => {
        this.#deps.logger.warn({ err }, 'a lab that could not be opened could not be closed');
      });
      throw error;
    }
  }

  async #start(): Promise<void> {
    const replica = this.#replica;
    const told = [this.#deadlines, this.#streams, this.#warnings, this.#snapshots, this.changes, this.#seeder()];
    for (const listener of told) replica.listen(listener);
    await replica.load();
    if (this.#history) replica.listen(this.#history);
    else await forgetHistory(replica);
    const othersAlive = await this.#session.start();
    // Nobody served while everybody was away, so nobody could renew: a TTL is a lower bound.
    if (!othersAlive) await this.#deadlines.refreshAll();
    this.#deadlines.start();
    this.#streams.start();
    if (this.#deps.shared) this.#follower = this.#follow();
    this.#unhook = replica.log.onRecovered?.(() => void this.#recovered());
    await this.#session.run();
    await this.#seed(false);
    this.#history?.start();
  }

  /** See Streams.handOver. At once where there is no other process. */
  async handOver(withinMs: number): Promise<void> {
    if (this.#deps.shared) await this.#streams.handOver(withinMs);
  }

  /** Tells all streams to come back, and ends this process's session. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#unhook?.();
    this.#streams.stop();
    this.changes.close();
    await this.#history?.stop();
    this.#replica.stop();
    this.#deadlines.stop();
    this.#warnings.stop();
    await this.#follower;
    await this.#snapshots.idle();
    await this.#session.stop().catch((error: unknown) => {
      this.#deps.logger.warn({ err: error }, 'the session could not be closed; it runs out by itself');
    });
  }

  run<A>(command: Command<A>): Promise<A> {
    return this.#replica.submit(command);
  }

  async upToDate(): Promise<void> {
    // On a log of our own what is committed is applied before anybody is told.
    if (!this.#deps.shared) return;
    await this.run({ requestId: '', fingerprint: '', plan: () => undefined });
  }

  async stocked(): Promise<void> {
    if (this.#replica.restocking) await this.run({ requestId: '', fingerprint: '', plan: () => undefined });
  }

  acquire(spec: RequestSpec, sink: AcquireSink, call: CallEnd): Promise<void> {
    return this.#streams.acquire(spec, sink, call);
  }

  watchLease(lease: Lease, holder: Holder): () => void {
    return this.#warnings.watch(lease, holder);
  }

  touch(leases: readonly Lease[]): Promise<readonly boolean[]> {
    return this.#deadlines.touch(leases);
  }

  remainingMs(lease: Lease): number | undefined {
    const now = this.now();
    const bounds = [
      lease.endMs === undefined ? undefined : lease.endMs - now,
      lease.detachedUntilMs === undefined ? undefined : lease.detachedUntilMs - now,
      this.#deadlines.remainingMs(lease),
      lease.hold === 'CONNECTION' && lease.session === this.#session.id
        ? this.#session.validMs(lease.spec.graceMs)
        : undefined,
    ].filter((ms) => ms !== undefined);
    return bounds.length === 0 ? undefined : Math.max(0, Math.min(...bounds));
  }

  /** What other processes commit. Ends when the log is closed. */
  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    const replica = this.#replica;
    for (let state: LabState | undefined; replica.state !== state && !signal.aborted;) {
      // After a loss again, from the revision that was loaded.
      state = replica.state;
      this.#reloaded = new AbortController();
      let lost = false;
      const until = AbortSignal.any([signal, this.#reloaded.signal]);
      let after = state.revision;
      for await (const followed of replica.log.follow(after, until)) {
        // An append noticed a loss, and the state is loaded again already. What still comes may be of what is lost; and to
        // load once more would only send every watcher to begin again.
        if (replica.state !== state) break;
        if (followed.kind === 'lost') lost = true;
        else {
          replica.receive(followed.entry, after);
          after = followed.entry.last;
        }
      }
      if (lost) await replica.lost();
    }
  }

  /** The store was away: nobody could renew, and it may have come back with less than it had. */
  async #recovered(): Promise<void> {
    try {
      await this.#deadlines.refreshAll();
    } catch (error) {
      this.#deps.logger.warn(
        { err: error },
        'TTL leases could not be given a fresh TTL; the next recovery tries again',
      );
    }
  }

  #seeder(): { reloaded: () => void } {
    return {
      reloaded: () => {
        this.#reloaded.abort();
        void this.#restock(++this.#restocks);
      },
    };
  }

  /**
   * After the store had lost something: first the benches come back, and those that ask for a cleaning are marked, as their
   * last leases may be among what was lost; then those who wait for them, then all who asked meanwhile. When the store is
   * lost once more, only what began after that counts.
   *
   * The session is renewed before anything is granted on it: a copy from before its last beat has an earlier end of it. Told a
   * validity from that beat, a holder would take its lease for valid when others have seen the session end, and have granted
   * its bench.
   */
  async #restock(round: number): Promise<void> {
    const { clock, logger } = this.#deps;
    try {
      await this.#seed(true);
      await this.#session.beat();
      if (round !== this.#restocks) return;
      this.#replica.restocked(() => {
        this.#streams.attachAgain();
      });
    } catch (error) {
      if (this.#stop.signal.aborted || round !== this.#restocks) return;
      logger.error({ err: error }, 'the inventory could not be applied to the empty lab; trying again');
      const why = 'the store had lost its data, and the inventory could not be applied yet. Call again.';
      this.#replica.notRestocked(new BerthError('STORE_UNAVAILABLE', why, { retryAfterMs: RESTOCK_AGAIN_MS }));
      clock.after(RESTOCK_AGAIN_MS, () => void this.#restock(round));
    }
  }

  async #seed(afterLoss: boolean): Promise<void> {
    const replica = this.#replica;
    const run: OpenLab['run'] = (command) => replica.submit(command, true);
    if (replica.state.benches.size === 0) await this.#deps.seed({ run }, afterLoss);
    else if (afterLoss && someFreeToClean(replica.state)) {
      await run({ requestId: '', fingerprint: '', plan: planCleanFree });
    }
  }
}
