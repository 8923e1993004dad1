/** A timer that can be cancelled; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time as a port, so that tests drive it. */
export interface Clock {
  /** Wall-clock milliseconds since the epoch; may jump. For what people read and for what is stored. */
  now(): number;
  /** Milliseconds on a clock that never goes back; for measuring spans. */
  monotonic(): number;
  /** Calls `fire` once after `ms` milliseconds. Spans over 2^31-1 ms are waited for in parts (Node fires them at once). */
  after(ms: number, fire: () => void): Timer;
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's own clock. Its timers keep the process alive only while `ref` is true. */
export function systemClock(ref = true): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, fire) {
      let left = Math.max(0, ms);
      let handle: NodeJS.Timeout;
      const arm = (): void => {
        const part = Math.min(left, LONGEST_TIMEOUT_MS);
        left -= part;
        handle = setTimeout(() => {
          if (left > 0) arm();
          else fire();
        }, part);
        if (!ref) handle.unref();
      };
      arm();
      return {
        cancel: () => {
          clearTimeout(handle);
        },
      };
    },
  };
}

/**
 * The machine's clock, but immune to jumps while the process runs: wall time at the start plus what a monotonic clock
 * counted since. A lease's deadline must not come early because somebody set the clock.
 */
export function steadyClock(ref = true): Clock {
  const clock = systemClock(ref);
  const offset = clock.now() - clock.monotonic();
  return { ...clock, now: () => offset + clock.monotonic() };
}
