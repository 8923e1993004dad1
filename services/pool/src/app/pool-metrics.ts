import type { ByLabel, Clock, Counter, Histogram, Metrics } from '@berth/kernel';
import type { Hook } from '../domain/options/options.js';
import { HOOKS } from '../domain/options/options.js';
import type { Resource, ResourceState } from '../domain/resource.js';
import { RESOURCE_STATES } from '../domain/resource.js';

const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800];
const LIVE_STATES = RESOURCE_STATES.filter((state) => state !== 'ENDED');

/** What the pool service counts and measures. */
export class PoolMetrics {
  readonly #begun: ByLabel<Hook, Counter>;
  readonly #failed: ByLabel<Hook, Counter>;
  readonly #seconds: ByLabel<Hook, Histogram>;
  #live: (() => Iterable<Resource>) | undefined;

  constructor(
    metrics: Metrics,
    private readonly clock: Clock,
  ) {
    const command = { name: 'command', values: HOOKS };
    this.#begun = metrics.counters(
      'berth_pool_commands_total',
      'Commands of pools that were begun; new = starts.',
      command,
    );
    const failed = 'Commands of pools that failed, or of which nobody knows how they ended.';
    this.#failed = metrics.counters('berth_pool_command_failures_total', failed, command);
    const took = 'How long commands of pools took.';
    this.#seconds = metrics.histograms('berth_pool_command_duration_seconds', took, SECONDS, command);
    const state = { name: 'state', values: LIVE_STATES };
    const resources = 'Resources, by state; told by the process that looks after the pools.';
    metrics.gauges('berth_pool_resources', resources, state, () => this.#live && countsOf(this.#live()));
  }

  /** This process looks after the pools from now on, and knows these resources; undefined = no more. */
  looksAfter(live: (() => Iterable<Resource>) | undefined): void {
    this.#live = live;
  }

  /** A command begins; the function that it returns is told how it ended. */
  begin(hook: Hook): (ok: boolean) => void {
    const begunMs = this.clock.monotonic();
    this.#begun[hook].add();
    return (ok) => {
      this.#seconds[hook].observe((this.clock.monotonic() - begunMs) / 1000);
      if (!ok) this.#failed[hook].add();
    };
  }
}

function countsOf(resources: Iterable<Resource>): Partial<Record<ResourceState, number>> {
  const counts: Partial<Record<ResourceState, number>> = {};
  for (const { state } of resources) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
