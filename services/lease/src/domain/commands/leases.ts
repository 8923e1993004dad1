import type { By } from '@berth/kernel';
import { BerthError, requireOwner } from '@berth/kernel';
import { longestOf } from '../allowance.js';
import { bookedBefore } from '../booked-errors.js';
import { limitMs } from '../booked-time.js';
import { type Draft, told } from '../draft.js';
import type { Lease } from '../entities.js';
import { endLease } from '../end-lease.js';
import { extendsTooFar } from '../limit-errors.js';
import type { HoldMode } from '../model.js';
import type { LabState } from '../state.js';

/** The lease, when the caller may act on it and the token (if sent) is its own. Throws NO_SUCH_LEASE and others. */
export function heldLease(state: LabState, leaseId: string, by: By, token?: number): Lease {
  const lease = state.leases.get(leaseId);
  if (lease === undefined) throw noSuchLease(leaseId);
  assertHolder(lease, by);
  assertToken(lease, token);
  return lease;
}

export function noSuchLease(leaseId: string): BerthError {
  return new BerthError(
    'NO_SUCH_LEASE',
    `lease '${leaseId}' is not in force: it has ended, or never was. List what is: berth ls.`,
    { resource: { type: 'berth.dev/Lease', name: leaseId } },
  );
}

function assertHolder(lease: Lease, by: By): void {
  requireOwner(lease.owner, by, `touch lease '${lease.id}'`, { type: 'berth.dev/Lease', name: lease.id });
}

function assertToken(lease: Lease, token?: number): void {
  if (token === undefined || token === lease.token) return;
  throw new BerthError(
    'STALE_TOKEN',
    `fencing token ${String(token)} is not the one of lease '${lease.id}' (${String(lease.token)}): you do not hold it any more.`,
    {
      resource: { type: 'berth.dev/Lease', name: lease.id, owner: lease.owner },
      metadata: { current: String(lease.token) },
    },
  );
}

/** Releases; false when it had ended before. */
export function planRelease(draft: Draft, leaseId: string, by: By, token?: number): boolean {
  const lease = draft.state.leases.get(leaseId);
  if (lease === undefined) return false;
  assertHolder(lease, by);
  assertToken(lease, token);
  endLease(draft, lease, 'RELEASED', by.actor, '');
  draft.schedule();
  return true;
}

/** An operator ends somebody's lease; false when it had ended before. */
export function planRevoke(draft: Draft, leaseId: string, by: By, why: string): boolean {
  const lease = draft.state.leases.get(leaseId);
  if (lease === undefined) return false;
  endLease(draft, lease, 'REVOKED', by.actor, why);
  draft.schedule();
  return true;
}

export interface Transfer {
  readonly leaseId: string;
  readonly newOwner: string;
  readonly hold: HoldMode;
  readonly ttlMs?: number;
  readonly message: string;
}

/** Gives a lease to another owner in one event, so that no waiter can slip in between; the new lease's id. */
export function planTransfer(draft: Draft, by: By, transfer: Transfer): string {
  const { spec, benches } = heldLease(draft.state, transfer.leaseId, by);
  const newLeaseId = draft.newId();
  draft.emit({
    type: 'LeaseTransferred',
    ...transfer,
    newLeaseId,
    actor: by.actor,
    atMs: draft.now,
    benches: benches.map((bench) => bench.spec.name),
    ...told(spec),
  });
  // Its former owner may hold others now.
  if (draft.state.usage !== undefined) draft.schedule();
  return newLeaseId;
}

/**
 * Moves the end that `max_duration` set: the lease ends at the latest `durationMs` from now. Throws BENCH_BOOKED when a
 * reservation of a bench, or the end of the booking that it spends, comes before that; and QUOTA when it would last longer than
 * its owner may hold a bench, unless an operator extends it for another one.
 */
export function planExtend(draft: Draft, leaseId: string, by: By, durationMs: number, token?: number): void {
  const lease = heldLease(draft.state, leaseId, by, token);
  const endMs = draft.now + durationMs;
  const { booking = '' } = lease.spec;
  const booked = lease.benches.find((bench) => limitMs(bench, booking) < endMs);
  if (booked !== undefined) throw bookedBefore(booked, lease, endMs);
  const longest = longestOf(draft.state.rules.limits, lease);
  const isForOther = by.operator && by.actor.name !== lease.owner;
  if (longest !== undefined && !isForOther && endMs - lease.grantedMs > longest.limit) {
    throw extendsTooFar(longest, lease, endMs);
  }
  draft.emit({ type: 'LeaseExtended', leaseId, endMs, actor: by.actor });
}
