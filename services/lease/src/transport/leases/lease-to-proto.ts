import type { Actor } from '@berth/kernel';
import type { Ended, Lease as LeaseMessage, Warning } from '@berth/proto/berth/lease/v1/lease';
import { EndReason, HoldMode, WarningKind } from '@berth/proto/berth/lease/v1/lease';
import { actorOf, dateOf, durationOf } from '@berth/server';
import type { EndReason as End, Lease } from '../../domain/index.js';
import type { LabView } from '../inventory/bench-to-proto.js';
import { benchOf, knownEndMs } from '../inventory/bench-to-proto.js';

/**
 * A lease. `remainingMs` is how long it is valid from now, where more is known than the lease says (the session that a
 * connection lease hangs on); otherwise it follows from its end.
 */
export function leaseOf(
  lab: LabView,
  lease: Lease,
  withProperties: boolean,
  remainingMs: number | undefined = remainingUntilEnd(lab, lease),
): LeaseMessage {
  const { spec } = lease;
  return {
    id: lease.id,
    lab: lab.name,
    benches: lease.benches.map((bench, i) => benchOf(lab, bench, withProperties, lease.specs[i])),
    owner: lease.owner,
    description: spec.description,
    fencingToken: lease.token,
    hold: HoldMode[lease.hold],
    ttl: durationOf(lease.ttlMs),
    remaining: durationOf(remainingMs),
    grantTime: new Date(lease.grantedMs),
    expireTime: dateOf(knownEndMs(lab, lease)),
    endTime: dateOf(lease.endMs),
    labels: { ...spec.labels },
    requestId: spec.requestId,
    affinity: spec.affinity,
    arrivalTime: new Date(lease.arrivalMs),
    detached: lease.detachedUntilMs !== undefined,
    transferredFrom: lease.transferredFrom,
    booking: spec.booking ?? '',
  };
}

function remainingUntilEnd(lab: LabView, lease: Lease): number | undefined {
  const endMs = knownEndMs(lab, lease);
  return endMs === undefined ? undefined : Math.max(0, endMs - lab.now());
}

export function endedOf(leaseId: string, reason: End, actor: Actor, message: string, atMs: number): Ended {
  return { reason: EndReason[reason], actor: actorOf(actor), message, endTime: new Date(atMs), leaseId };
}

export function warningOf(kind: keyof typeof WARNINGS, remainingMs: number | undefined, message: string): Warning {
  return { kind: WARNINGS[kind], remaining: durationOf(remainingMs), message };
}

const WARNINGS = {
  EXPIRY: WarningKind.EXPIRY,
  BENCH_WANTED: WarningKind.BENCH_WANTED,
  BENCH_CHANGED: WarningKind.BENCH_CHANGED,
  SHUTDOWN: WarningKind.SHUTDOWN,
} as const;
