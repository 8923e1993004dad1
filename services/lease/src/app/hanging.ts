import type { LabState, Lease } from '../domain/index.js';

/** What hangs on a session. */
export type Hanging = Pick<Lease, 'session' | 'detachedUntilMs'>;

/** The place or the connection lease of a request. */
export function hanging({ leaseOf, requests }: LabState, requestId: string): Hanging | undefined {
  const lease = leaseOf.get(requestId);
  return lease?.hold === 'CONNECTION' ? lease : requests.get(requestId);
}
