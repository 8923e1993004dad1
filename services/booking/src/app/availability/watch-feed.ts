import type { Booking, Entry, Notice } from '../../domain/index.js';
import type { RootState } from '../../domain/state/root-state.js';
import type { RootReplica } from '../roots/root-replica.js';

/** A notice with the booking as it was then. */
export interface ToldNotice {
  readonly notice: Notice;
  readonly booking: Booking;
  /** The root that it is of, and the entry that has it. */
  readonly root: string;
  readonly sequence: number;
}

/** What has happened since a watcher looked last: notices, and whether anything has changed. Level-triggered. */
export class WatchFeed {
  #notices: ToldNotice[] = [];
  #changed = false;
  #wake: () => void = () => undefined;
  readonly #leave: (() => void)[] = [];

  /** `owners`: whose notices; `*` = of all. */
  constructor(
    private readonly owners: ReadonlySet<string>,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.#wakeUp, { once: true });
  }

  /** Hears of a root from now on; `blocks`: whether its changes change what is watched. */
  follow(replica: RootReplica, blocks: boolean): void {
    const changed = (): void => {
      this.#changed ||= blocks;
      this.#wake();
    };
    const applied = (entry: Entry, state: RootState): void => {
      this.#notices.push(...noticesIn(replica.root, entry, state, this.owners));
      changed();
    };
    this.#leave.push(replica.listen({ applied, loaded: changed }));
  }

  /** The notices since the last call. */
  takeNotices(): readonly ToldNotice[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  /** Whether anything has changed since the last call. */
  takeChange(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** Resolves when there is something to take, or the signal has aborted. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#changed || this.#notices.length > 0 || this.signal.aborted) resolve();
    });
  }

  close(): void {
    this.signal.removeEventListener('abort', this.#wakeUp);
    for (const leave of this.#leave) leave();
  }

  readonly #wakeUp = (): void => {
    this.#wake();
  };
}

/** The notices of an entry that owners are told. */
export function noticesIn(
  root: string,
  { notices, changes, sequence }: Entry,
  state: RootState,
  owners: ReadonlySet<string>,
): readonly ToldNotice[] {
  if (notices.length === 0 || owners.size === 0) return [];
  const changed = new Map(
    changes.flatMap((change) => (change.kind === 'booking' ? [[change.booking.id, change.booking]] : [])),
  );
  return notices.flatMap((notice) => {
    const booking = changed.get(notice.booking) ?? state.bookings.get(notice.booking);
    const isAsked = booking !== undefined && (owners.has('*') || owners.has(booking.owner));
    return isAsked ? [{ notice, booking, root, sequence }] : [];
  });
}
