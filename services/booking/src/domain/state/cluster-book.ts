import type { Booking, Span } from '../model/booking.js';
import { extentOf, isFirm, isWaiting } from '../model/booking.js';
import type { Cluster, Grant } from '../model/cluster.js';
import { SHARE, UNIT } from '../model/cluster.js';
import type { Interval } from '../time/interval.js';
import { Timeline } from '../timeline/timeline.js';
import { IntervalIndex } from './interval-index.js';
import type { Move } from './moves.js';
import type { Piece } from './pieces.js';
import { clipSpans, effectOf, grantedPieces, largerOf, mapAmounts, sizePieces } from './pieces.js';

/** A share that counts: it takes other amounts when the cluster's size changes. */
interface Shared extends Interval {
  readonly share: number;
  readonly kind: 'booking' | 'provisional';
}

/**
 * The timeline of one cluster and what lies on it. Amounts in the timeline are in ten-thousandths. Adding and taking out the
 * same things leaves everything as it was.
 */
export class ClusterBook {
  readonly timeline = new Timeline();
  /** The bookings with rows, by the extent of their spans on this cluster. */
  readonly bookings = new IntervalIndex();
  readonly grants = new Map<string, Grant>();
  #cluster: Cluster | undefined;
  readonly #shares = new Map<string, readonly Shared[]>();

  constructor(
    readonly name: string,
    /** Where to take down what changes for firm bookings, if anywhere. */
    private readonly moves: () => Move[] | undefined,
  ) {}

  /** Changes what the cluster is, and with it its size. */
  putCluster(cluster: Cluster | undefined): void {
    this.#resize(() => {
      this.#sizes(-1);
      this.#cluster = cluster;
      this.#sizes(1);
    });
  }

  /** Puts another version of a grant, or takes it out. */
  putGrant(id: string, grant: Grant | undefined): void {
    this.#resize(() => {
      const before = this.grants.get(id);
      if (before !== undefined) this.#grant(before, -1);
      if (grant === undefined) this.grants.delete(id);
      else this.grants.set(id, grant);
      if (grant !== undefined) this.#grant(grant, 1);
    });
  }

  /** Adds what a booking takes of this cluster (`sign` 1), or takes it out (−1). */
  booking(booking: Booking, sign: 1 | -1): void {
    const all = spansThatCount(booking);
    // Most bookings have one span, and a start adds all of them: nothing is made for these.
    const spans =
      all.length === 1 && all[0]?.cluster === this.name ? all : all.filter((one) => one.cluster === this.name);
    const [first] = spans;
    if (first === undefined) return;
    const kind = isWaiting(booking) ? 'provisional' : 'booking';
    const extent = spans.length === 1 ? first : extentOf({ spans });
    if (sign === 1) this.bookings.add(booking.id, extent);
    else this.bookings.remove(booking.id, extent);
    for (const { startMs, endMs, amounts } of spans) {
      for (const amount of Object.keys(amounts)) {
        this.#shift(kind, amount, startMs, endMs, sign * (amounts[amount] ?? 0) * UNIT);
      }
    }
    if (spans.some(({ share }) => share !== undefined)) this.#share(booking.id, spans, kind, sign);
  }

  /** The cluster's size within an interval, in pieces; where there is none, pieces of nothing or none at all. */
  pieces(within: Interval): readonly Piece[] {
    if (this.#cluster?.parent === undefined) return grantedPieces(this.grants.values(), within);
    return sizePieces(this.#cluster).flatMap(({ amounts, startMs, endMs }) => {
      const piece = { amounts, startMs: Math.max(startMs, within.startMs), endMs: Math.min(endMs, within.endMs) };
      return piece.startMs < piece.endMs ? [piece] : [];
    });
  }

  /** Shares follow the size: their amounts are taken out before it changes and are added again after it. */
  #resize(change: () => void): void {
    if (this.#shares.size === 0) {
      change();
      return;
    }
    for (const shares of this.#shares.values()) this.#shareAmounts(shares, -1);
    change();
    for (const shares of this.#shares.values()) this.#shareAmounts(shares, 1);
  }

  #sizes(sign: 1 | -1): void {
    if (this.#cluster?.parent === undefined) return;
    for (const { startMs, endMs, amounts } of sizePieces(this.#cluster)) {
      for (const [amount, value] of Object.entries(amounts))
        this.#shift('grant', amount, startMs, endMs, sign * value * UNIT);
    }
  }

  #grant(grant: Grant, sign: 1 | -1): void {
    const effect = effectOf(grant);
    if (effect === undefined) return;
    const kind = grant.kind === 'CAPACITY' ? 'grant' : 'booking';
    for (const [amount, value] of Object.entries(grant.amounts)) {
      this.#shift(kind, amount, effect.startMs, effect.endMs, sign * value * UNIT);
    }
  }

  #share(id: string, spans: readonly Span[], kind: 'booking' | 'provisional', sign: 1 | -1): void {
    const shares = spans.flatMap(({ share, startMs, endMs }) =>
      share === undefined ? [] : [{ share, startMs, endMs, kind }],
    );
    for (const { share, startMs, endMs } of shares) this.#shift(kind, SHARE, startMs, endMs, sign * share);
    this.#shareAmounts(shares, sign);
    if (sign === 1) this.#shares.set(id, shares);
    else this.#shares.delete(id);
  }

  #shareAmounts(shares: readonly Shared[], sign: 1 | -1): void {
    for (const { share, kind, ...interval } of shares) {
      for (const { startMs, endMs, amounts } of this.pieces(interval)) {
        // A share of so many basis points of an amount is that many ten-thousandths of it.
        for (const [amount, value] of Object.entries(mapAmounts(amounts, (size) => size * share))) {
          this.#shift(kind, amount, startMs, endMs, sign * value);
        }
      }
    }
  }

  #shift(
    kind: 'grant' | 'booking' | 'provisional',
    amount: string,
    startMs: number,
    endMs: number,
    value: number,
  ): void {
    if (value === 0) return;
    this.timeline.shift(kind, amount, startMs, endMs, value);
    if (kind === 'provisional') return;
    this.moves()?.push({ cluster: this.name, amount, startMs, endMs, delta: kind === 'grant' ? value : -value });
  }
}

/**
 * The spans that count as used, or as waited for. Of what was freed the time before stays, since it was used; while a step at the
 * lab is to be settled, what it has and what it is to have both count.
 */
export function spansThatCount(booking: Booking): readonly Span[] {
  const { spans, lab, freedMs } = booking;
  if (isWaiting(booking)) return spans;
  if (!isFirm(booking)) return freedMs === undefined ? [] : clipSpans(spans, -Infinity, freedMs);
  return lab?.spans === undefined || lab.spans === spans ? spans : largerOf(spans, lab.spans);
}
