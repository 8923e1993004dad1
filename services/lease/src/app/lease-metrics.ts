import type { ByLabel, Counter, Histogram, Metrics } from '@berth/kernel';
import type { Change, EndReason, GoneReason, LabState, Lease, LeaseEvent } from '../domain/index.js';
import type { EventLog } from '../ports/event-log.js';

const END_REASONS: readonly EndReason[] = [
  'RELEASED',
  'DISCONNECTED',
  'EXPIRED',
  'MAX_DURATION',
  'REVOKED',
  'SESSION_LOST',
  'STORE_LOST',
  'BENCH_REMOVED',
  'TRANSFERRED',
  'BOOKED',
  'BOOKING_OVER',
];
const GONE_REASONS: readonly GoneReason[] = [
  'TIMEOUT',
  'CANCELLED',
  'DISCONNECTED',
  'SESSION_LOST',
  'UNSATISFIABLE',
  'BOOKING_OVER',
];
const PRIORITIES = ['low', 'default', 'high'] as const;
const BENCH_STATES = ['free', 'leased', 'cleaning', 'maintenance', 'quarantined', 'offline'] as const;
const DEFAULT_PRIORITY = 50;
const WAIT_SECONDS = [0.01, 0.1, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];
const APPEND_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

type BenchState = (typeof BENCH_STATES)[number];

/** A lab that is open on this process. */
interface MeasuredLab {
  readonly state: LabState;
}

/** What the lease service counts and measures: of decisions those that this process wrote, of labs those that are open. */
export class LeaseMetrics {
  readonly #grants: Counter;
  readonly #ends: ByLabel<EndReason, Counter>;
  readonly #gone: ByLabel<GoneReason, Counter>;
  readonly #waits: ByLabel<(typeof PRIORITIES)[number], Histogram>;
  readonly #appends: Histogram;
  readonly #conflicts: Counter;
  readonly #failures: Counter;

  /** `labs` gives those that are open. */
  constructor(metrics: Metrics, labs: () => Iterable<MeasuredLab>) {
    this.#grants = metrics.counter('berth_lease_grants_total', 'Leases that were granted.');
    const end = { name: 'reason', values: END_REASONS };
    this.#ends = metrics.counters('berth_lease_ends_total', 'Leases that ended, by reason.', end);
    const gone = { name: 'reason', values: GONE_REASONS };
    const left = 'Requests that left the queue without a lease, by reason.';
    this.#gone = metrics.counters('berth_lease_requests_gone_total', left, gone);
    const priority = { name: 'priority', values: PRIORITIES };
    const waited = 'How long granted requests waited, by priority: below, at or above the default.';
    this.#waits = metrics.histograms('berth_lease_wait_seconds', waited, WAIT_SECONDS, priority);
    const took = 'How long the store took for an append to the log.';
    this.#appends = metrics.histogram('berth_log_append_duration_seconds', took, APPEND_SECONDS);
    const other = 'Appends that were planned again because another process was first.';
    this.#conflicts = metrics.counter('berth_log_conflicts_total', other);
    this.#failures = metrics.counter('berth_log_failures_total', 'Appends that the store did not answer.');
    metrics.gauge('berth_lease_leases', 'Leases in force.', () => sum(labs(), ({ leases }) => leases.size));
    const waiting = 'Requests that wait.';
    metrics.gauge('berth_lease_waiting_requests', waiting, () => sum(labs(), ({ requests }) => requests.size));
    const state = { name: 'state', values: BENCH_STATES };
    metrics.gauges('berth_lease_benches', 'Benches, by state.', state, () => benchesOf(labs()));
  }

  /** Events of this process were committed, with what they changed. */
  committed(events: readonly LeaseEvent[], changes: readonly Change[], state: LabState): void {
    for (const event of events) {
      if (event.type === 'LeaseGranted')
        this.#granted(state.leases.get(event.leaseId) ?? endedLease(changes, event.leaseId));
      else if (event.type === 'LeaseEnded') this.#ends[event.reason].add();
      else if (event.type === 'RequestGone') this.#gone[event.reason].add();
    }
  }

  /** The store answered an append, after so long. */
  appended({ outcome }: Awaited<ReturnType<EventLog['append']>>, ms: number): void {
    this.#appends.observe(ms / 1000);
    if (outcome === 'conflict') this.#conflicts.add();
  }

  /** The store did not answer an append. */
  appendFailed(): void {
    this.#failures.add();
  }

  #granted(lease: Lease | undefined): void {
    this.#grants.add();
    if (lease === undefined) return;
    const { priority } = lease.spec;
    const of = priority === DEFAULT_PRIORITY ? 'default' : priority < DEFAULT_PRIORITY ? 'low' : 'high';
    this.#waits[of].observe(Math.max(0, lease.grantedMs - lease.arrivalMs) / 1000);
  }
}

/** A lease that was granted and ended at once. */
function endedLease(changes: readonly Change[], id: string): Lease | undefined {
  return changes.flatMap((change) => (change.kind === 'leaseEnded' && change.lease.id === id ? change.lease : []))[0];
}

function sum(labs: Iterable<MeasuredLab>, count: (state: LabState) => number): number {
  let all = 0;
  for (const { state } of labs) all += count(state);
  return all;
}

function benchesOf(labs: Iterable<MeasuredLab>): Partial<Record<BenchState, number>> {
  const found: Partial<Record<BenchState, number>> = {};
  for (const { state } of labs) {
    for (const { lease, cleaning, condition } of state.benches.values()) {
      const of = lease !== undefined ? 'leased' : cleaning > 0 ? 'cleaning' : STATE_OF_CONDITION[condition.state];
      found[of] = (found[of] ?? 0) + 1;
    }
  }
  return found;
}

const STATE_OF_CONDITION = {
  READY: 'free',
  MAINTENANCE: 'maintenance',
  QUARANTINED: 'quarantined',
  OFFLINE: 'offline',
} as const;
