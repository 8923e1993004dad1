import type { SnapshotItem } from '../../domain/index.js';
import { snapshotOf } from '../../domain/index.js';
import type { SnapshotPlace } from '../../ports/ledger.js';
import type { BookingContext } from '../booking-context.js';
import { markEnded, sweepLists } from '../lists/list-sweep.js';
import type { RootReplica } from './root-replica.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Entries before a snapshot are kept for replicas and watchers that are behind. */
const KEEP_ENTRIES_MS = 24 * HOUR_MS;
/** A large state is saved more seldom: after entries for a tenth of its bookings. */
const SHARE_OF_BOOKINGS = 0.1;

interface Snapshot {
  readonly place: SnapshotPlace;
  readonly items: readonly SnapshotItem[];
}

/**
 * Does what one replica is enough for: writes the documents of lists behind the ledgers, saves snapshots, and removes what
 * is old. Nothing depends on it being done by one only.
 */
export class LedgerKeeper {
  /** The newest snapshot of each root that is known. */
  readonly #saved = new Map<string, number>();
  #minuteAt = -Infinity;
  #hourAt = -Infinity;

  constructor(private readonly context: () => BookingContext) {}

  /** Does what is due; to be called about once a second. */
  async turn(signal: AbortSignal): Promise<void> {
    const { roots, listWriter, lists, clock } = this.context();
    await roots.refresh();
    for (const replica of roots.all) {
      if (signal.aborted) return;
      await listWriter.catchUp(replica);
      await this.#save(replica);
    }
    if (clock.monotonic() - this.#minuteAt >= MINUTE_MS) {
      this.#minuteAt = clock.monotonic();
      await markEnded(lists, clock.now(), signal);
    }
    if (clock.monotonic() - this.#hourAt >= HOUR_MS) {
      this.#hourAt = clock.monotonic();
      await this.#sweep(signal);
    }
  }

  /** Saves a snapshot of a root if there are enough entries since the last one. */
  async #save(replica: RootReplica): Promise<void> {
    const { ledgers, clock } = this.context();
    const { root } = replica;
    const saved = this.#saved.get(root) ?? (await ledgers.newestSnapshotSequence(root));
    this.#saved.set(root, saved);
    const snapshot = await replica.read(() => this.#take(replica, saved));
    if (snapshot === undefined) return;
    await ledgers.saveSnapshot(root, snapshot.place, snapshot.items, clock.now());
    this.#saved.set(root, snapshot.place.sequence);
  }

  /** Takes a snapshot; within a read, so the state stays as it is. Its objects never change. */
  #take(replica: RootReplica, saved: number): Snapshot | undefined {
    const { clock, settings } = this.context();
    const { hint: state, mark } = replica;
    const { sequence } = state;
    const due = Math.max(settings.snapshotEveryEntries, state.bookings.size * SHARE_OF_BOOKINGS);
    if (sequence - saved < due) return undefined;
    const keepFromMs = clock.now() - settings.keepMs;
    const items = [...snapshotOf(state, keepFromMs)];
    state.forget(keepFromMs);
    return { place: { sequence, mark }, items };
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { roots, lists, ledgers, clock, logger } = this.context();
    for (const replica of roots.all) {
      const entries = await ledgers.trim(replica.root, clock.now() - KEEP_ENTRIES_MS, signal);
      const bookings = await sweepLists(lists, replica, signal);
      if (signal.aborted) return;
      if (entries + bookings > 0) logger.info({ root: replica.root, entries, bookings }, 'what is old was removed');
    }
  }
}
