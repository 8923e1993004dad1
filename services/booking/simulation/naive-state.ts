/**
 * Booking in the plainest way: lists of what there is, and what is left of an amount at an instant counted from all of them. It shares
 * no code with the service.
 */
export interface NaiveSpan {
  readonly cluster: string;
  readonly from: number;
  readonly to: number;
  readonly amounts: Readonly<Record<string, number>>;
  readonly share?: number;
}

export interface NaiveBooking {
  readonly id: string;
  spans: readonly NaiveSpan[];
  state: string;
  priority: number;
  readonly made: number;
  readonly waits: boolean;
  holdUntil?: number | undefined;
  resolveBy?: number | undefined;
  releaseAfter?: number | undefined;
  used?: boolean;
  freedAt?: number;
  readonly createdAt: number;
  readonly child?: string;
}

export interface NaiveGrant {
  readonly id: string;
  readonly cluster: string;
  readonly maintenance: boolean;
  from: number;
  to: number;
  amounts: Readonly<Record<string, number>>;
  deletedAt?: number;
}

export interface NaiveCluster {
  readonly name: string;
  readonly parent?: string;
  readonly booking?: string;
  readonly from: number;
  readonly to: number;
  readonly limit?: Readonly<Record<string, number>>;
  sizes: readonly { readonly from: number; readonly to: number; readonly amounts: Readonly<Record<string, number>> }[];
  deletedAt?: number;
}

export interface NaiveState {
  bookings: NaiveBooking[];
  grants: NaiveGrant[];
  clusters: NaiveCluster[];
}

export const SHARES = '%';
const FIRM = ['BOOKED', 'HELD'];
const WAITING = ['PROVISIONAL', 'UNRESOLVED'];

export function copyOf(state: NaiveState): NaiveState {
  return structuredClone(state);
}

export function firm({ state }: NaiveBooking): boolean {
  return FIRM.includes(state);
}

export function waiting({ state }: NaiveBooking): boolean {
  return WAITING.includes(state);
}

export function startOf({ spans }: NaiveBooking): number {
  return Math.min(...spans.map(({ from }) => from));
}

export function endOf({ spans }: NaiveBooking): number {
  return Math.max(...spans.map(({ to }) => to));
}

/** Whether something of it is to come. */
export function toCome(booking: NaiveBooking, now: number): boolean {
  return waiting(booking) || (firm(booking) && endOf(booking) > now);
}

/** Whether a booking has what a span says at an instant. */
function hasAt(booking: NaiveBooking, at: number): boolean {
  return firm(booking) || (!waiting(booking) && at < (booking.freedAt ?? -Infinity));
}

export function sizeAt(state: NaiveState, cluster: string, amount: string, at: number): number {
  const found = state.clusters.find(({ name }) => name === cluster);
  if (found?.parent === undefined) {
    let size = 0;
    for (const grant of state.grants) {
      const there = grant.from <= at && at < Math.min(grant.to, grant.deletedAt ?? Infinity);
      if (grant.cluster === cluster && !grant.maintenance && there) size += grant.amounts[amount] ?? 0;
    }
    return size;
  }
  if (at < found.from || at >= Math.min(found.to, found.deletedAt ?? Infinity)) return 0;
  return found.sizes.findLast(({ from, to }) => from <= at && at < to)?.amounts[amount] ?? 0;
}

/** What is left of an amount at an instant for firm bookings, in ten-thousandths; with `all`, for waiting ones too. */
export function leftAt(state: NaiveState, cluster: string, amount: string, at: number, all = false): number {
  const size = amount === SHARES ? 1 : sizeAt(state, cluster, amount, at);
  let left = size * 10_000;
  for (const grant of state.grants) {
    const there = grant.from <= at && at < Math.min(grant.to, grant.deletedAt ?? Infinity);
    if (grant.cluster === cluster && grant.maintenance && there) left -= 10_000 * (grant.amounts[amount] ?? 0);
  }
  for (const booking of state.bookings) {
    if (!hasAt(booking, at) && !(all && waiting(booking))) continue;
    for (const span of booking.spans) {
      if (span.cluster !== cluster || at < span.from || at >= span.to) continue;
      left -= span.share === undefined ? 10_000 * (span.amounts[amount] ?? 0) : span.share * size;
    }
  }
  return left;
}

/** All instants at which anything may change. */
export function instantsOf(...states: readonly NaiveState[]): number[] {
  const instants = new Set<number>();
  for (const { bookings, grants, clusters } of states) {
    for (const { spans, freedAt } of bookings) {
      for (const { from, to } of spans) instants.add(from).add(to);
      if (freedAt !== undefined) instants.add(freedAt);
    }
    for (const { from, to, deletedAt } of grants)
      instants
        .add(from)
        .add(to)
        .add(deletedAt ?? to);
    for (const { from, to, deletedAt, sizes } of clusters) {
      if (to > from)
        instants
          .add(from)
          .add(to)
          .add(deletedAt ?? to);
      for (const size of sizes) instants.add(size.from).add(size.to);
    }
  }
  return [...instants].sort((a, b) => a - b);
}

/** Why a change is refused: the first interval in which less than before, and less than nothing, would be left. */
export interface NaiveLack {
  readonly from: number;
  readonly until: number;
  readonly amount: string;
  readonly shortfall: number;
}

export function lackOf(
  before: NaiveState,
  after: NaiveState,
  amounts: readonly string[],
  forced?: string,
): NaiveLack | undefined {
  const instants = instantsOf(before, after);
  const wrong = (cluster: string, amount: string, at: number): number => {
    const left = leftAt(after, cluster, amount, at);
    return left < leftAt(before, cluster, amount, at) && left < 0 ? left : 0;
  };
  const clusters = after.clusters.map(({ name }) => name).filter((name) => name !== forced);
  for (const [index, from] of instants.entries()) {
    for (const amount of [...amounts].sort()) {
      for (const cluster of clusters) {
        if (wrong(cluster, amount, from) === 0) continue;
        let least = 0;
        let until = from;
        for (let at = index; wrong(cluster, amount, until) < 0; at += 1) {
          least = Math.min(least, wrong(cluster, amount, until));
          until = instants[at + 1] ?? Infinity;
        }
        return { from, until, amount, shortfall: amount === SHARES ? -least : Math.ceil(-least / 10_000) };
      }
    }
  }
  return undefined;
}
