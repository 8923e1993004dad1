import type { Booking } from '../model/booking.js';
import type { Cluster, Grant } from '../model/cluster.js';
import type { Change, Notice, NoticeKind } from '../model/ledger.js';
import { netMoves } from '../state/moves.js';
import type { RootState } from '../state/root-state.js';
import type { Lacking } from './lacking.js';
import { firstLacking } from './lacking.js';

/** What is put of an object whose version and time of change follow. */
type Unversioned<T> = Omit<T, 'version' | 'updatedMs'>;

/** Thrown within `Draft.admit` when it is known already what lacks. */
export class Lacks extends Error {
  constructor(readonly lacking: Lacking) {
    super('something lacks');
  }
}

/** What became of a part of a plan that needs room: it was made, or it was taken back since something lacks. */
export type Admitted<A> = { readonly made: A } | { readonly lacking: Lacking };

/** A plan in the making: each part is planned on the state that those before it leave, and can be taken back. */
export class Draft {
  readonly changes: Change[] = [];
  readonly notices: Notice[] = [];
  /** Clusters on which there may be room for what waits, apart from those in which something was freed. */
  readonly roomIn = new Set<string>();

  constructor(
    readonly state: RootState,
    readonly nowMs: number,
  ) {}

  /** Puts a new or changed booking: its place in the order of creation stays, its version is one more than before. */
  putBooking(booking: Omit<Unversioned<Booking>, 'order'>): Booking {
    const before = this.state.bookings.get(booking.id);
    const version = (before?.version ?? 0) + 1;
    const put = { order: before?.order ?? this.state.made, updatedMs: this.nowMs, version, ...without(booking) };
    this.put({ kind: 'booking', booking: put });
    return put;
  }

  /** Puts a booking of which only marks changed, which leave its version as it is. */
  markBooking(booking: Booking): void {
    this.put({ kind: 'booking', booking });
  }

  putCluster(cluster: Unversioned<Cluster>): Cluster {
    const version = (this.state.clusters.get(cluster.name)?.version ?? 0) + 1;
    const put = { updatedMs: this.nowMs, version, ...without(cluster) };
    this.put({ kind: 'cluster', cluster: put });
    return put;
  }

  putGrant(grant: Unversioned<Grant>): Grant {
    const version = (this.state.grants.get(grant.id)?.version ?? 0) + 1;
    const put = { updatedMs: this.nowMs, version, ...without(grant) };
    this.put({ kind: 'grant', grant: put });
    return put;
  }

  put(change: Change): void {
    this.state.put(change);
    this.changes.push(change);
  }

  notice(kind: NoticeKind, booking: string, text: string): void {
    this.notices.push({ kind, booking, text });
  }

  /** Runs a part of the plan, and takes it back when it throws. */
  attempt<A>(part: () => A): A {
    const back = this.#mark();
    try {
      return part();
    } catch (error) {
      back();
      throw error;
    }
  }

  /**
   * Runs a part of the plan and keeps it if it leaves enough of everything wherever it takes more than before; of clusters in `forced`
   * it may leave less than nothing. What takes no more at any instant is always kept. Taken back also when it throws.
   */
  admit<A>(part: () => A, forced?: string): Admitted<A> {
    const back = this.#mark();
    const mark = this.state.mark();
    try {
      const made = part();
      const lacking = firstLacking(this.state, netMoves(this.state.movesSince(mark)), forced);
      if (lacking === undefined) return { made };
      back();
      return { lacking };
    } catch (error) {
      back();
      if (error instanceof Lacks) return { lacking: error.lacking };
      throw error;
    }
  }

  /** Runs a part and takes it back: what it says is how things would be. */
  suppose<A>(part: () => A): A {
    const back = this.#mark();
    try {
      return part();
    } finally {
      back();
    }
  }

  #mark(): () => void {
    const mark = this.state.mark();
    const [changes, notices] = [this.changes.length, this.notices.length];
    return () => {
      this.state.rewind(mark);
      this.changes.length = changes;
      this.notices.length = notices;
    };
  }
}

/** A copy without what is given to it: an object that is put again may bring its old ones. */
function without<T extends object>(object: T): T {
  const {
    version: _1,
    updatedMs: _2,
    order: _3,
    ...rest
  } = object as T & Partial<Pick<Booking, 'version' | 'updatedMs' | 'order'>>;
  return rest as unknown as T;
}
