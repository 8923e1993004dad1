import type { Change } from '../domain/index.js';
import type { Codec } from '../ports/codec.js';
import type { Logger } from '../ports/environment.js';
import type { Replica, ReplicaListener } from './replica.js';

export interface SnapshotsDeps {
  readonly replica: Replica;
  readonly codec: Codec;
  readonly logger: Logger;
  /** A snapshot is saved when this many entries came since the last one (more when the state is large). */
  readonly everyEntries: number;
  /** The log keeps at least what happened in this time. */
  readonly keepMs: number;
}

/**
 * Saves the state now and then, so that a start is quick, and trims the log before it. Any replica may: the store keeps
 * the newest snapshot, whoever it comes from.
 */
export class Snapshots implements ReplicaListener {
  readonly #deps: SnapshotsDeps;
  #since = 0;
  #saving: Promise<void> | undefined;

  constructor(deps: SnapshotsDeps) {
    this.#deps = deps;
  }

  applied(_changes: readonly Change[]): void {
    this.#since++;
    const { requests, leases, benches } = this.#deps.replica.state;
    // Writing a large state takes a while during which nobody is served: then do it more seldom.
    const due = Math.max(this.#deps.everyEntries, requests.size + leases.size + benches.size);
    if (this.#since >= due && this.#saving === undefined) void this.save();
  }

  /** Saves the state as it is; never fails: what can't be saved now will be later. */
  async save(): Promise<void> {
    if (this.#since === 0) return;
    this.#saving ??= this.#save();
    await this.#saving;
  }

  async #save(): Promise<void> {
    const { replica, codec, logger, keepMs } = this.#deps;
    const { revision } = replica.state;
    this.#since = 0;
    try {
      await replica.log.saveSnapshot({ revision, data: codec.encodeState(replica.state) });
      // A revision is a time in microseconds.
      await replica.log.trim(Math.min(revision, (replica.log.now() - keepMs) * 1000));
    } catch (error) {
      logger.warn({ err: error }, 'a snapshot could not be saved; trying again later');
    } finally {
      this.#saving = undefined;
    }
  }
}
