import type { Duration } from '@berth/proto/google/protobuf/duration';
import type { Faults } from './faults.js';

export const SECOND_MS = 1000;
export const HOUR_MS = 3600 * SECOND_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface DurationLimits {
  readonly minMs: number;
  readonly maxMs: number;
  /** What to do instead of a longer one, as the end of a sentence. */
  readonly instead?: string;
}

/**
 * Milliseconds of a duration, parts of one rounded up (so that a short wait is not taken for none); undefined when it is
 * absent or wrong, and then `faults` says how.
 */
export function parseDuration(
  duration: Duration | undefined,
  field: string,
  limits: DurationLimits,
  faults: Faults,
): number | undefined {
  if (duration === undefined) return undefined;
  const { seconds, nanos } = duration;
  if (Math.abs(nanos) > 999_999_999 || (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
    faults.add(
      field,
      `is not a duration (${seconds} s and ${nanos} ns); nanos have the sign of seconds and stay below a second`,
    );
    return undefined;
  }
  const ms = seconds * SECOND_MS + Math.ceil(nanos / 1e6);
  const found = `is ${seconds + nanos / 1e9} s`;
  if (seconds < 0 || nanos < 0) faults.add(field, `${found}; it must not be negative`);
  else if (ms < limits.minMs) faults.add(field, `${found}; at least ${spanText(limits.minMs)} is allowed`);
  else if (ms > limits.maxMs)
    faults.add(field, `${found}; at most ${spanText(limits.maxMs)} are allowed${limits.instead ?? ''}`);
  else return ms;
  return undefined;
}

/** A span for people, in the largest unit that fits. */
function spanText(ms: number): string {
  for (const [unit, size] of [
    ['days', DAY_MS],
    ['h', HOUR_MS],
    ['s', SECOND_MS],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size} ${unit}`;
  }
  return `${ms} ms`;
}
