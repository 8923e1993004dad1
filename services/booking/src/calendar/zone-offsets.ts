import { Temporal } from 'temporal-polyfill';

/** A time in which a zone has one offset from UTC. */
export interface OffsetSpan {
  /** −∞ and +∞ where it has no beginning and no end. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

/**
 * The offsets of one zone. Temporal takes tens of microseconds for each instant, and a calendar asks for thousands that lie
 * between the same two changes of the clock: what it says is remembered from one change to the next.
 */
export class ZoneOffsets {
  /** By time, without overlap. */
  readonly #spans: OffsetSpan[] = [];

  constructor(private readonly zone: string) {}

  /** The span that an instant lies in. */
  at(atMs: number): OffsetSpan {
    const place = this.#placeOf(atMs);
    const known = this.#spans[place - 1];
    if (known !== undefined && atMs < known.untilMs) return known;
    const span = this.#ask(atMs);
    this.#spans.splice(place, 0, span);
    return span;
  }

  /** How many spans begin at an instant or before it. */
  #placeOf(atMs: number): number {
    let [low, high] = [0, this.#spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle]?.fromMs ?? Infinity) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #ask(atMs: number): OffsetSpan {
    const time = (ms: number): Temporal.ZonedDateTime =>
      Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(this.zone);
    // The transition before an instant is strictly before it, and one at the instant itself belongs to the span.
    const from = time(atMs + 1).getTimeZoneTransition('previous');
    const until = time(atMs).getTimeZoneTransition('next');
    return {
      fromMs: from?.epochMilliseconds ?? -Infinity,
      untilMs: until?.epochMilliseconds ?? Infinity,
      offsetMs: time(atMs).offsetNanoseconds / 1e6,
    };
  }
}
