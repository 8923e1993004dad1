import type { Duration } from '@berth/proto/google/protobuf/duration';

/** A span of time: milliseconds, or text such as `90s`, `10m`, `1h30m`, `2d`, `250ms`. */
export type Span = number | string;

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy;

/**
 * The milliseconds of a span. `0` needs no unit; other text does, so that nobody waits 10 ms for 10 minutes.
 * Throws a RangeError that says what is accepted.
 */
export function spanToMs(span: Span): number {
  if (typeof span === 'number') {
    if (Number.isFinite(span) && span >= 0) return span;
    throw new RangeError(`${String(span)} is no span of time: give milliseconds, 0 or more`);
  }
  const text = span.trim();
  if (text === '0') return 0;
  let ms = 0;
  let end = 0;
  PART.lastIndex = 0;
  for (let match = PART.exec(text); match; match = PART.exec(text)) {
    ms += Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
    end = PART.lastIndex;
  }
  if (end === 0 || end !== text.length) {
    throw new RangeError(
      `"${span}" is no span of time: write a number with ms, s, m, h or d, for example 90s, 10m or 1h30m`,
    );
  }
  return ms;
}

/** A span as a `google.protobuf.Duration`. */
export function toDuration(span: Span): Duration {
  const ms = spanToMs(span);
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  // What is left of a span is a fraction, and may round up to a second.
  return nanos < 1e9 ? { seconds, nanos } : { seconds: seconds + 1, nanos: 0 };
}

/** The milliseconds of a `google.protobuf.Duration`. */
export function durationToMs(duration: Duration): number {
  return duration.seconds * 1000 + duration.nanos / 1e6;
}
