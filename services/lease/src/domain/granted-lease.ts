import { endMsOf } from './booked-time.js';
import type { Bench, Lease, Waiting } from './entities.js';
import type { LeaseEvent } from './events.js';

type Of<T extends LeaseEvent['type']> = Extract<LeaseEvent, { type: T }>;

/** The lease that a grant makes of a waiting request. */
export function grantedLease(
  { leaseId, atMs }: Of<'LeaseGranted'>,
  { spec, arrivalMs, session }: Waiting,
  benches: readonly Bench[],
  revision: number,
): Lease {
  const ownEndMs = spec.maxDurationMs === undefined ? undefined : atMs + spec.maxDurationMs;
  return {
    id: leaseId,
    spec,
    owner: spec.owner,
    benches,
    specs: benches.map((bench) => bench.spec),
    token: revision,
    arrivalMs,
    grantedMs: atMs,
    hold: spec.hold,
    ttlMs: spec.ttlMs,
    transferredFrom: '',
    session: spec.hold === 'CONNECTION' ? session : '',
    detachedUntilMs: undefined,
    ownEndMs,
    endMs: endMsOf(benches, spec.booking ?? '', ownEndMs),
  };
}

/** The lease that a transfer makes of another one. */
export function transferredLease(
  { newLeaseId, newOwner, hold, ttlMs, atMs }: Of<'LeaseTransferred'>,
  old: Lease,
  revision: number,
): Lease {
  return {
    ...old,
    id: newLeaseId,
    owner: newOwner,
    token: revision,
    grantedMs: atMs,
    hold,
    ttlMs,
    transferredFrom: old.transferredFrom === '' ? old.owner : old.transferredFrom,
    session: '',
    detachedUntilMs: undefined,
    // A grant of its own: the new owner is told of the benches as they are now.
    specs: old.benches.map((bench) => bench.spec),
  };
}
