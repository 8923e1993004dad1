import type { Lease, LeaseEvent } from '../domain/index.js';
import type { LeaseBegan, LeaseFact } from '../ports/history-sink.js';

/** What an event tells of leases: the same facts whoever reads it, and whenever. */
export function factsOf(event: LeaseEvent, revision: number): readonly LeaseFact[] {
  switch (event.type) {
    case 'LeaseGranted': {
      // An event of a version that did not write the owner down.
      const { leaseId, benches, atMs, owner = 'unknown', description = '', labels = {}, booking = '' } = event;
      return [{ kind: 'began', leaseId, token: revision, benches, owner, description, labels, booking, atMs }];
    }
    case 'LeaseEnded': {
      const { leaseId, reason, actor, message, atMs } = event;
      return [{ kind: 'over', leaseId, reason, actor: actor.name, message, atMs }];
    }
    case 'LeaseTransferred': {
      const {
        leaseId,
        newLeaseId,
        newOwner,
        actor,
        message,
        atMs,
        benches = [],
        description = '',
        labels = {},
        booking = '',
      } = event;
      return [
        { kind: 'over', leaseId, reason: 'TRANSFERRED', actor: actor.name, message, atMs },
        {
          kind: 'began',
          leaseId: newLeaseId,
          token: revision,
          benches,
          owner: newOwner,
          description,
          labels,
          booking,
          atMs,
        },
      ];
    }
    default:
      return [];
  }
}

/** The beginning of a held lease, as the event of its grant told it. */
export function beganOf({ id, token, benches, owner, spec, grantedMs }: Lease): LeaseBegan {
  const { description, labels, booking = '' } = spec;
  const names = benches.map((bench) => bench.spec.name);
  return { kind: 'began', leaseId: id, token, benches: names, owner, description, labels, booking, atMs: grantedMs };
}
