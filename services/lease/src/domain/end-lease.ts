import type { Actor } from '@berth/kernel';
import { SYSTEM } from '@berth/kernel';
import { bookedText, clearMsFor, isoOf } from './booked-time.js';
import type { Lease } from './entities.js';
import type { EndReason } from './model.js';
import type { Plan } from './plan.js';
import type { LabState } from './state.js';

/** Ends a lease; benches that were waiting to be removed go with it. The caller schedules afterwards. */
export function endLease(plan: Plan, lease: Lease, reason: EndReason, actor: Actor, message: string): void {
  plan.emit({ type: 'LeaseEnded', leaseId: lease.id, reason, actor, message, atMs: plan.now });
  for (const bench of lease.benches) {
    if (bench.retired) plan.emit({ type: 'BenchRemoved', name: bench.spec.name });
  }
}

/** Ends a lease whose end has come: its own, that of its booking, or the start of another one. The caller schedules. */
export function endInTime(plan: Plan, lease: Lease): void {
  const { ownEndMs, endMs = Infinity } = lease;
  if (ownEndMs !== undefined && ownEndMs <= endMs) {
    endLease(plan, lease, 'MAX_DURATION', SYSTEM, 'max_duration is over');
    return;
  }
  const [reason, message] = whyBookingEnds(plan.state, lease);
  endLease(plan, lease, reason, SYSTEM, message);
}

/** What of reservations ends a lease first, and what to tell of it. */
export function whyBookingEnds(
  state: LabState,
  { spec, benches }: Lease,
): readonly ['BOOKED' | 'BOOKING_OVER', string] {
  const own = spec.booking === undefined ? undefined : state.reservations.get(spec.booking);
  const others = benches.flatMap(({ calendar, spec: { name } }) =>
    calendar.filter((one) => one !== own).map((one) => ({ one, name, atMs: clearMsFor(one, name) })),
  );
  const [first] = others.sort((a, b) => a.atMs - b.atMs);
  if (own !== undefined && own.endMs <= (first?.atMs ?? Infinity)) {
    return ['BOOKING_OVER', `booking '${own.id}' ends at ${isoOf(own.endMs)}`];
  }
  return [
    'BOOKED',
    first === undefined ? 'a bench of it is booked' : `bench '${first.name}' is ${bookedText(first.one)}`,
  ];
}
