import type { Logger } from '@berth/kernel';
import type { Change } from '../domain/index.js';
import type { Codec } from '../ports/codec.js';
import type { Snapshot } from '../ports/event-log.js';
import type { Replica } from './replica.js';
import type { ReplicaListener } from './replica-listener.js';
import { KEPT_RECORDS } from './watch-ring.js';

export interface SnapshotsDeps {
  readonly replica: Replica;
  readonly codec: Codec;
  readonly logger: Logger;
  /** A snapshot is made when this many entries came since the last one (more when the state is large). */
  readonly everyEntries: number;
  /** The log keeps at least what happened in this time. */
  readonly keepMs: number;
}

/**
 * Saves the state now and then, so that a start is quick, and trims the log before it. Any replica may: the store keeps
 * the newest snapshot, whichever replica it comes from.
 *
 * A snapshot is saved some entries after it was made, and none is made when the server stops: a start finds entries after
 * it, and watchers resume from them. What an entry before the snapshot changed cannot be told any more.
 */
export class Snapshots implements ReplicaListener {
  readonly #deps: SnapshotsDeps;
  readonly #lag: number;
  /** Entries since the last snapshot was made. */
  #since = 0;
  /** A snapshot that waits to be saved. */
  #made: Snapshot | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: SnapshotsDeps) {
    this.#deps = deps;
    this.#lag = Math.min(deps.everyEntries, KEPT_RECORDS);
  }

  loading(): void {
    this.#since = 0;
    // It may be of a state that the store has lost.
    this.#made = undefined;
  }

  replayed(): void {
    this.#since++;
  }

  applied(_changes: readonly Change[]): void {
    this.#since++;
    if (this.#made !== undefined) {
      if (this.#since >= this.#lag) this.#save(this.#made);
      return;
    }
    const { requests, leases, benches } = this.#deps.replica.state;
    // Writing a large state takes a while during which nobody is served: then do it more seldom.
    const due = Math.max(this.#deps.everyEntries, requests.size + leases.size + benches.size);
    if (this.#since >= due) this.#make();
  }

  /** Resolves when nothing is being saved any more; never rejects. */
  async idle(): Promise<void> {
    await this.#saving;
  }

  #make(): void {
    const { replica, codec, logger } = this.#deps;
    this.#since = 0;
    try {
      this.#made = { revision: replica.state.revision, data: codec.encodeState(replica.state) };
    } catch (error) {
      logger.warn({ err: error }, 'a snapshot could not be made; trying again later');
    }
  }

  #save(snapshot: Snapshot): void {
    const { replica, logger, keepMs } = this.#deps;
    this.#made = undefined;
    const save = async (): Promise<void> => {
      await replica.log.saveSnapshot(snapshot);
      // A revision is a time in microseconds.
      await replica.log.trim(Math.min(snapshot.revision, (replica.log.now() - keepMs) * 1000));
    };
    this.#saving = save().catch((error: unknown) => {
      logger.warn({ err: error }, 'a snapshot could not be saved; trying again later');
    });
  }
}
