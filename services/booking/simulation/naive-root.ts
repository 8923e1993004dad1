import type { NaiveBooking, NaiveCluster, NaiveGrant, NaiveLack, NaiveSpan, NaiveState } from './naive-state.js';
import {
  copyOf,
  endOf,
  firm,
  instantsOf,
  lackOf,
  leftAt,
  SHARES,
  sizeAt,
  startOf,
  toCome,
  waiting,
} from './naive-state.js';

/** What became of a command: undefined = it was carried out. */
export type NaiveAnswer = NaiveLack | undefined;

/** A root cluster in the plainest way: each command copies everything, tries, and looks at every instant. */
export class NaiveRoot {
  now = 0;
  state: NaiveState = { bookings: [], grants: [], clusters: [] };
  #made = 0;

  constructor(
    root: string,
    readonly amounts: readonly string[],
  ) {
    this.state.clusters.push({ name: root, from: 0, to: 0, sizes: [] });
  }

  /** Lets time pass, and does what is due by then: the earliest first, of several the least id. */
  pass(now: number): void {
    this.now = now;
    for (;;) {
      let next: { at: number; booking: NaiveBooking } | undefined;
      for (const booking of this.state.bookings) {
        const at = this.#dueOf(booking);
        if (at > now) continue;
        if (next === undefined || at < next.at || (at === next.at && booking.id < next.booking.id))
          next = { at, booking };
      }
      if (next === undefined) return;
      this.#advance(next.booking);
      this.#giveRoom();
    }
  }

  create(booking: Omit<NaiveBooking, 'made' | 'state' | 'createdAt'>, hold?: number): NaiveAnswer {
    const holdUntil = hold === undefined ? undefined : this.now + hold;
    const state = hold === undefined ? 'BOOKED' : 'HELD';
    const made = this.#made;
    const put = (as: string) => () => {
      this.state.bookings.push({ ...booking, state: as, holdUntil, made, createdAt: this.now });
    };
    const closed = this.#closedLack(booking.spans);
    const lack = closed ?? this.#attempt(put(state));
    if (lack !== undefined) {
      if (!booking.waits || hold !== undefined || Math.min(...booking.spans.map(({ from }) => from)) <= this.now)
        return lack;
      put('PROVISIONAL')();
    }
    this.#made += 1;
    this.#giveRoom();
    return undefined;
  }

  update(id: string, spans: readonly NaiveSpan[]): NaiveAnswer {
    const booking = this.booking(id);
    const begun = firm(booking) && startOf(booking) <= this.now;
    const [past, next] = [clip(booking.spans, -Infinity, this.now), clip(spans, this.now, Infinity)];
    const change = (): void => {
      this.booking(id).spans = begun ? [...past, ...next] : spans;
    };
    const lack = waiting(booking) ? undefined : this.#attempt(change);
    if (waiting(booking)) change();
    if (lack === undefined) this.#giveRoom();
    return lack;
  }

  cancel(id: string): undefined {
    const booking = this.booking(id);
    if (toCome(booking, this.now)) this.#free(booking, 'CANCELLED');
    this.#giveRoom();
  }

  confirm(id: string): undefined {
    const booking = this.booking(id);
    booking.state = 'BOOKED';
    booking.holdUntil = undefined;
  }

  checkIn(id: string): undefined {
    this.booking(id).used = true;
  }

  grant(grant: NaiveGrant): undefined {
    this.state.grants.push(grant);
    this.#giveRoom();
  }

  changeGrant(id: string, change: Partial<NaiveGrant>, force: boolean): NaiveAnswer {
    const { cluster, maintenance } = this.#grant(id);
    const lack = this.#attempt(
      () => Object.assign(this.#grant(id), change),
      force || maintenance ? cluster : undefined,
    );
    if (lack === undefined) this.#giveRoom();
    return lack;
  }

  child(cluster: NaiveCluster, bookingId: string, waits: boolean): NaiveAnswer {
    const spans = spansOf(cluster);
    const made = this.#made;
    const own = { id: bookingId, spans, priority: 50, made, waits, createdAt: this.now, child: cluster.name };
    const put = (state: string) => () => {
      this.state.clusters.push(cluster);
      this.state.bookings.push({ ...own, state });
    };
    const lack = this.#closedLack(spans) ?? this.#attempt(put('BOOKED'));
    if (lack !== undefined) {
      if (!waits || cluster.from <= this.now) return lack;
      put('PROVISIONAL')();
    }
    this.#made += 1;
    this.#giveRoom();
    return undefined;
  }

  resize(name: string, size: NaiveCluster['sizes'][number], force: boolean): NaiveAnswer {
    const lack = this.#attempt(
      () => {
        const cluster = this.#cluster(name);
        cluster.sizes = [...cluster.sizes, size];
        const booking = this.booking(cluster.booking ?? '');
        booking.spans = [...clip(booking.spans, -Infinity, this.now), ...clip(spansOf(cluster), this.now, Infinity)];
      },
      force ? name : undefined,
    );
    if (lack === undefined) this.#giveRoom();
    return lack;
  }

  deleteChild(name: string): undefined {
    const booking = this.booking(this.#cluster(name).booking ?? '');
    if (toCome(booking, this.now)) this.#free(booking, 'CANCELLED');
    else this.#close(name);
    this.#giveRoom();
  }

  /** Whether a firm booking lies over an instant below 0 of something that it takes, from now on. */
  degraded(booking: NaiveBooking): boolean {
    if (!firm(booking) || !toCome(booking, this.now)) return false;
    return [...instantsOf(this.state), this.now].some((at) =>
      booking.spans.some((span) => {
        if (at < this.now || at < span.from || at >= span.to) return false;
        return this.amounts.some((name) => {
          if (name === SHARES || leftAt(this.state, span.cluster, name, at) >= 0) return false;
          return (
            (span.share === undefined ? (span.amounts[name] ?? 0) : sizeAt(this.state, span.cluster, name, at)) > 0
          );
        });
      }),
    );
  }

  booking(id: string): NaiveBooking {
    const found = this.state.bookings.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no booking ${id}`);
    return found;
  }

  #cluster(name: string): NaiveCluster {
    const found = this.state.clusters.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no cluster ${name}`);
    return found;
  }

  #grant(id: string): NaiveGrant {
    const found = this.state.grants.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no grant ${id}`);
    return found;
  }

  #attempt(change: () => unknown, forced?: string): NaiveAnswer {
    const before = copyOf(this.state);
    change();
    const lack = lackOf(before, this.state, this.amounts, forced);
    if (lack !== undefined) this.state = before;
    return lack;
  }

  #open(name: string): boolean {
    const cluster = this.#cluster(name);
    if (cluster.deletedAt !== undefined) return false;
    if (cluster.parent === undefined) return true;
    return firm(this.booking(cluster.booking ?? '')) && this.#open(cluster.parent);
  }

  #closedLack(spans: readonly NaiveSpan[]): NaiveAnswer {
    const span = spans.find(({ cluster }) => !this.#open(cluster));
    if (span === undefined) return undefined;
    const [amount, shortfall] = Object.entries(span.amounts)[0] ?? [SHARES, span.share ?? 0];
    return { from: span.from, until: span.to, amount, shortfall };
  }

  #dueOf(booking: NaiveBooking): number {
    const start = startOf(booking);
    if (booking.state === 'PROVISIONAL') return Math.min(start, booking.resolveBy ?? Infinity);
    if (booking.state === 'UNRESOLVED') return start;
    if (booking.state === 'HELD') return booking.holdUntil ?? Infinity;
    const { releaseAfter = Infinity, used = false, createdAt } = booking;
    const unused = booking.state === 'BOOKED' && !used && createdAt <= start && start + releaseAfter < endOf(booking);
    return unused ? start + releaseAfter : Infinity;
  }

  #advance(booking: NaiveBooking): void {
    if (booking.state === 'HELD') this.#free(booking, 'EXPIRED');
    else if (booking.state === 'BOOKED') this.#free(booking, 'RELEASED');
    else if (startOf(booking) <= this.now) this.#free(booking, 'CANCELLED');
    else booking.state = 'UNRESOLVED';
  }

  #free(booking: NaiveBooking, to: string): void {
    booking.freedAt = waiting(booking) ? -Infinity : this.now;
    booking.state = to;
    if (booking.child !== undefined) this.#close(booking.child);
  }

  #close(name: string): void {
    const cluster = this.#cluster(name);
    for (const inside of this.state.bookings) {
      const within = inside.spans.some((span) => span.cluster === name && span.to > this.now);
      if (within && toCome(inside, this.now)) this.#free(inside, 'CANCELLED');
    }
    cluster.deletedAt = this.now;
  }

  /** Makes firm what fits, the first first, until nothing that waits does. */
  #giveRoom(): void {
    const fits = (): boolean => {
      const queue = this.state.bookings.filter(waiting).sort((a, b) => b.priority - a.priority || a.made - b.made);
      return queue.some(({ id }) => {
        const { spans } = this.booking(id);
        if (startOf(this.booking(id)) <= this.now || this.#closedLack(spans) !== undefined) return false;
        return this.#attempt(() => (this.booking(id).state = 'BOOKED')) === undefined;
      });
    };
    while (fits());
  }
}

function clip(spans: readonly NaiveSpan[], from: number, to: number): NaiveSpan[] {
  return spans
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.from < span.to);
}

function spansOf({ parent = '', from, to, sizes, limit }: NaiveCluster): NaiveSpan[] {
  if (limit !== undefined) return [{ cluster: parent, from, to, amounts: limit }];
  const bounds = [...new Set([from, to, ...sizes.flatMap((size) => [size.from, size.to])])].sort((a, b) => a - b);
  return bounds.slice(0, -1).map((start, at) => {
    const size = sizes.findLast((one) => one.from <= start && start < one.to);
    return { cluster: parent, from: start, to: bounds[at + 1] ?? start, amounts: size?.amounts ?? {} };
  });
}
