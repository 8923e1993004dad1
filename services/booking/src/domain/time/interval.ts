/** A span of time, half-open: `startMs` belongs to it, `endMs` does not. Milliseconds since 1970, and start < end. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** Whether two intervals share an instant. Back to back is no overlap. */
export function overlap(one: Interval, other: Interval): boolean {
  return one.startMs < other.endMs && other.startMs < one.endMs;
}

/** What two intervals share, or undefined if they share no instant. */
export function intersect(one: Interval, other: Interval): Interval | undefined {
  const startMs = Math.max(one.startMs, other.startMs);
  const endMs = Math.min(one.endMs, other.endMs);
  return startMs < endMs ? { startMs, endMs } : undefined;
}
