import type { Clock, Logger } from '@berth/kernel';
import type { Bench, Change, LabState, Lease } from '../domain/index.js';
import { whyBookingEnds } from '../domain/index.js';
import type { Deadlines } from './deadlines.js';
import type { Holder } from './acquire-sink.js';
import type { Replica } from './replica.js';
import type { ReplicaListener } from './replica-listener.js';
import { Timetable } from './timetable.js';

export interface WarningsDeps {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlines: Pick<Deadlines, 'look'>;
  /** How long before its end a lease is warned of. */
  readonly beforeMs: readonly number[];
}

/** A time at which an end may have to be told: the one of `max_duration` (`endMs`), or of a TTL. */
interface Notice {
  readonly id: string;
  readonly beforeMs: number;
  readonly endMs: number | undefined;
}

/** A lease that is held on streams of this process. */
interface Watched {
  readonly holders: Set<Holder>;
  /** The end that is in the table. */
  endMs: number | undefined;
}

/** When the store cannot be asked how long a lease has left. */
const AGAIN_MS = 1000;

/**
 * Tells those who hold a lease on a stream what will happen to it: its end, changes of its benches, and that they are wanted
 * otherwise. All times are in one table on one timer; a renewal costs nothing, since a TTL is looked at when it seems to run
 * out.
 */
export class Warnings implements ReplicaListener {
  readonly #deps: WarningsDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #times: Timetable<Notice>;

  constructor(deps: WarningsDeps) {
    this.#deps = deps;
    const { clock, replica } = deps;
    this.#times = new Timetable<Notice>({
      clock,
      now: () => replica.log.now(),
      isCurrent: (notice) => this.#leaseOf(notice) !== undefined,
      due: (notices) => {
        this.#due(notices);
      },
    });
  }

  stop(): void {
    this.#times.stop();
    this.#watched.clear();
  }

  /**
   * Tells a holder of a lease from now on, and at once what has happened to its benches since the grant, as it may have been
   * away. Returns how to end that; it also ends with the lease.
   */
  watch(lease: Lease, holder: Holder): () => void {
    const { id } = lease;
    const watched = this.#watched.get(id);
    if (watched === undefined) {
      this.#watched.set(id, { holders: new Set([holder]), endMs: undefined });
      this.#schedule(lease);
    } else watched.holders.add(holder);
    lease.benches.forEach((bench, i) => {
      if (bench.spec !== lease.specs[i]) tellChange(holder, bench, lease);
      if (bench.retired || bench.condition.sinceMs > lease.grantedMs) tellWanted(holder, bench);
    });
    return () => {
      const left = this.#watched.get(id);
      if (left?.holders.delete(holder) === true && left.holders.size === 0) this.#watched.delete(id);
    };
  }

  applied(changes: readonly Change[]): void {
    if (this.#watched.size === 0) return;
    for (const change of changes) {
      if (change.kind === 'benchPut') this.#tellBench(change);
      else if (change.kind === 'leaseEnded') this.#over(change.lease.id);
      else if (change.kind === 'leasePut') this.#moveEnd(change.lease, this.#deps.replica.log.now());
    }
  }

  reloaded(): void {
    this.#times.clear();
    const { state } = this.#deps.replica;
    for (const [id, watched] of [...this.#watched]) {
      const lease = state.leases.get(id);
      watched.endMs = undefined;
      if (lease === undefined) this.#over(id);
      else this.#schedule(lease);
    }
  }

  #over(id: string): void {
    const holders = this.#watched.get(id)?.holders ?? [];
    this.#watched.delete(id);
    for (const holder of holders) holder.leaseOver?.();
  }

  #tellBench({ bench, described }: Extract<Change, { kind: 'benchPut' }>): void {
    const { lease } = bench;
    for (const holder of (lease && this.#watched.get(lease.id)?.holders) ?? []) {
      if (lease !== undefined && described === true) tellChange(holder, bench, lease);
      else tellWanted(holder, bench);
    }
  }

  #schedule(lease: Lease): void {
    this.#scheduleEnd(lease, lease.grantedMs);
    const { id, hold, ttlMs = 0 } = lease;
    const [beforeMs] = this.#leads(ttlMs);
    if (hold !== 'TTL' || beforeMs === undefined) return;
    this.#times.push(this.#deps.replica.log.now() + ttlMs - beforeMs, { id, beforeMs, endMs: undefined });
  }

  /** An end that a booking sets is told at once: the holder was promised another one, or none. */
  #moveEnd(lease: Lease, now: number): void {
    const watched = this.#watched.get(lease.id);
    const { endMs, ownEndMs = Infinity } = lease;
    const isNew = watched !== undefined && watched.endMs !== endMs;
    this.#scheduleEnd(lease, now);
    if (isNew && endMs !== undefined && endMs < ownEndMs) {
      this.#tellEnd(lease.id, endMs - now, whyItEnds(this.#deps.replica.state, lease));
    }
  }

  /** Once for each end; `fromMs` is when it was set. Of several notices that are late only the last is given. */
  #scheduleEnd({ id, endMs }: Lease, fromMs: number): void {
    const watched = this.#watched.get(id);
    if (watched === undefined || watched.endMs === endMs) return;
    watched.endMs = endMs;
    if (endMs === undefined) return;
    const leads = this.#leads(endMs - fromMs);
    const now = this.#deps.replica.log.now();
    const late = leads.findLast((beforeMs) => endMs - beforeMs <= now);
    for (const beforeMs of leads) {
      if (beforeMs === late || endMs - beforeMs > now) this.#times.push(endMs - beforeMs, { id, beforeMs, endMs });
    }
  }

  /** How long before its end something of this span is warned of: the earliest first. */
  #leads(spanMs = 0): readonly number[] {
    const leads = this.#deps.beforeMs.map((ms) => Math.min(ms, spanMs / 10)).filter((ms) => ms > 0);
    return [...new Set(leads)].sort((a, b) => b - a);
  }

  /** The lease that a notice is still about. */
  #leaseOf({ id, endMs }: Notice): Lease | undefined {
    const lease = this.#watched.has(id) ? this.#deps.replica.state.leases.get(id) : undefined;
    return endMs === undefined || lease?.endMs === endMs ? lease : undefined;
  }

  #due(notices: readonly Notice[]): void {
    const now = this.#deps.replica.log.now();
    const ttls: Notice[] = [];
    for (const notice of notices) {
      const { id, endMs } = notice;
      const lease = this.#leaseOf(notice);
      if (lease === undefined) continue;
      if (endMs === undefined) ttls.push(notice);
      else this.#tellEnd(id, endMs - now, whyItEnds(this.#deps.replica.state, lease));
    }
    if (ttls.length > 0) void this.#dueTtls(ttls);
  }

  /** The store knows of renewals through other processes. */
  async #dueTtls(notices: readonly Notice[]): Promise<void> {
    const { replica, logger, deadlines } = this.#deps;
    let left: readonly (number | undefined)[] | undefined;
    try {
      left = await deadlines.look(notices.map(({ id }) => id));
    } catch (error) {
      logger.warn({ err: error }, 'TTLs could not be looked at to warn of their end; trying again');
    }
    const now = replica.log.now();
    notices.forEach((notice, i) => {
      const lease = this.#leaseOf(notice);
      if (lease === undefined) return;
      const remainingMs = left === undefined ? notice.beforeMs + AGAIN_MS : (left[i] ?? lease.ttlMs ?? 0);
      this.#lookAtTtl(lease, notice, remainingMs, now);
    });
  }

  #lookAtTtl(lease: Lease, notice: Notice, remainingMs: number, now: number): void {
    const { id, beforeMs } = notice;
    if (remainingMs > beforeMs) {
      this.#times.push(now + remainingMs - beforeMs, notice);
      return;
    }
    this.#tellEnd(id, remainingMs, 'its TTL is over then unless it is renewed');
    const leads = this.#leads(lease.ttlMs);
    const next = leads.find((ms) => ms < Math.min(beforeMs, remainingMs));
    // After the last notice it ends, or is renewed and has the same before it again.
    const again = { ...notice, beforeMs: next ?? leads[0] ?? beforeMs };
    this.#times.push(now + (next === undefined ? Math.max(remainingMs, AGAIN_MS) : remainingMs - next), again);
  }

  #tellEnd(id: string, remainingMs: number, why: string): void {
    const restMs = Math.max(0, remainingMs);
    const span =
      restMs >= 120_000 ? `${String(Math.round(restMs / 60_000))} min` : `${String(Math.ceil(restMs / 1000))} s`;
    for (const holder of this.#watched.get(id)?.holders ?? []) {
      holder.warning('EXPIRY', restMs, `lease '${id}' ends in ${span}: ${why}`);
    }
  }
}

/** Why a lease ends at its end, and what to do about it. */
function whyItEnds(state: LabState, lease: Lease): string {
  const { id, endMs = Infinity, ownEndMs } = lease;
  if (ownEndMs !== undefined && ownEndMs <= endMs) {
    return `its max_duration is over then. Extend it (berth extend ${id}), or be done`;
  }
  return `${whyBookingEnds(state, lease)[1]}. Be done by then`;
}

function tellChange(holder: Holder, bench: Bench, lease: Lease): void {
  const { name } = bench.spec;
  const granted = lease.specs[lease.benches.indexOf(bench)];
  const message =
    bench.spec === granted
      ? `bench '${name}' is described again as it was granted to you`
      : `bench '${name}' was changed after it was granted to you; your lease shows it as it was. See what it is now: berth bench show ${name}`;
  holder.warning('BENCH_CHANGED', undefined, message);
}

function tellWanted(holder: Holder, { spec, condition, retired }: Bench): void {
  if (condition.state === 'READY' && !retired) return;
  const what = retired
    ? `bench '${spec.name}' is removed when this lease ends`
    : `bench '${spec.name}' goes into ${condition.state} when this lease ends (${condition.actor.name}: ${condition.reason})`;
  holder.warning('BENCH_WANTED', undefined, `${what}; release it as soon as you can`);
}
