import type { Clock, Metrics } from '@berth/kernel';

/** What was found is told for so many intervals: then another replica looks for leaks, or none. */
const STALE_AFTER = 3;

/** What the tracker measures. */
export class TrackerMetrics {
  #found: { readonly leaks: number; readonly atMs: number } | undefined;

  /** `sweepMs` is the interval of looks for leaks. */
  constructor(
    metrics: Metrics,
    private readonly clock: Clock,
    sweepMs: number,
  ) {
    const help = 'Leaks that are known; told by the process that looks for them.';
    metrics.gauge('berth_tracker_leaks', help, () => {
      const found = this.#found;
      return found !== undefined && clock.monotonic() - found.atMs < STALE_AFTER * sweepMs ? found.leaks : undefined;
    });
  }

  /** A look for leaks has ended: so many are known. */
  swept(leaks: number): void {
    this.#found = { leaks, atMs: this.clock.monotonic() };
  }
}
