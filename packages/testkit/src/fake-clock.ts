import type { Clock, Timer } from '@berth/kernel';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves both clocks by `ms` and fires the timers that are then due, in order, each at its own time. */
  advance(ms: number): void;
  /** Sets the wall clock forward or back by `ms`; the monotonic clock and timers do not notice. */
  jump(ms: number): void;
}

interface Waiting {
  readonly at: number;
  readonly fire: () => void;
}

/** A fake clock whose wall time starts at `startMs` (default: 2026-01-01 UTC) and whose monotonic time starts at 0. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let wall = startMs;
  let monotonic = 0;
  const waiting = new Set<Waiting>();

  /** Timers of equal time fire in the order they were set, which is the order of a Set. */
  function earliest(until: number): Waiting | undefined {
    let found: Waiting | undefined;
    for (const timer of waiting) if (timer.at <= until && (found === undefined || timer.at < found.at)) found = timer;
    return found;
  }

  function moveTo(at: number): void {
    wall += at - monotonic;
    monotonic = at;
  }

  return {
    now: () => wall,
    monotonic: () => monotonic,
    after(ms, fire): Timer {
      const timer = { at: monotonic + Math.max(0, ms), fire };
      waiting.add(timer);
      return { cancel: () => void waiting.delete(timer) };
    },
    advance(ms) {
      const until = monotonic + ms;
      for (let due = earliest(until); due !== undefined; due = earliest(until)) {
        waiting.delete(due);
        moveTo(Math.max(monotonic, due.at));
        due.fire();
      }
      moveTo(until);
    },
    jump(ms) {
      wall += ms;
    },
  };
}
