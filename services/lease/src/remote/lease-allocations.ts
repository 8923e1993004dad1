import { RegisterIntentRequest } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { LeaseBegan, LeaseOver } from '../ports/history-sink.js';

/** What the tracker takes; a request of many labels may have to leave some out. */
const MOST_LABELS = 60;
const LONGEST_REASON = 1024;
/** Time enough to confirm it, which happens at once; then it is a leak that somebody should look at. */
const TIMEOUT_SECONDS = 3600;

/** What the tracker calls the lease that allocations belong to. */
export function parentOf(lab: string, leaseId: string): string {
  return `lease/${lab}/${leaseId}`;
}

/** What is to be registered for one bench of a lease. */
export interface Beginning {
  readonly leaseId: string;
  readonly atMs: number;
  readonly request: RegisterIntentRequest;
}

/** One allocation for each bench of a lease. The same request, with the same id, whenever it is told. */
export function beginningsOf(lab: string, fact: LeaseBegan): Beginning[] {
  const { leaseId, token, benches, owner, description, booking } = fact;
  const labels = Object.entries(fact.labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MOST_LABELS);
  return benches.map((bench, i) => {
    const request = RegisterIntentRequest.fromPartial({
      allocation: {
        kind: 'lease',
        owner,
        application: 'berth',
        module: 'lease',
        // The tracker's own come last: a request cannot pretend to be of another bench.
        labels: { ...Object.fromEntries(labels), lab, bench, ...(booking !== '' && { booking }) },
        attributes: {
          bench,
          lease: leaseId,
          fencing_token: String(token),
          ...(description !== '' && { description }),
        },
        externalId: bench,
        parent: parentOf(lab, leaseId),
      },
      timeout: { seconds: TIMEOUT_SECONDS, nanos: 0 },
      requestId: `${leaseId}-${String(token)}-${String(i)}`,
    });
    return { leaseId, atMs: fact.atMs, request };
  });
}

/** How a lease ended, for people: `released`, `revoked by tony: needed elsewhere`. */
export function reasonOf({ reason, actor, message }: LeaseOver): string {
  const what = reason.toLowerCase().replaceAll('_', ' ');
  const text = [actor === '' ? what : `${what} by ${actor}`, message].filter((part) => part !== '').join(': ');
  return text.slice(0, LONGEST_REASON);
}
