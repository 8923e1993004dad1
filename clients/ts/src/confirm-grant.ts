import { HoldMode, type Lease } from '@berth/proto/berth/lease/v1/lease';
import type { LeaseServiceClient } from '@berth/proto/berth/lease/v1/lease_service';
import { Status } from 'nice-grpc-common';
import { BerthError } from './berth-error.js';
import type { ClientClock } from './clock.js';
import { LeaseLostError } from './lease-lost-error.js';
import type { BerthCallOptions } from './middleware/index.js';

/** A lease, and the moment of this client's clock from which its `remaining` counts. */
export interface KnownGrant {
  readonly lease: Lease;
  readonly validFrom: number;
}

const TIMEOUT_MS = 10_000;

/**
 * Asks by one round trip whether a lease is still the caller's. A message is read when this process, or the network, gets
 * to it: a grant that came after a wait may be a minute old, and the bench somebody else's. The answer to a question that
 * is asked now can't be. A TTL lease is renewed, which costs no more and starts its time again; for the others a guard's
 * question about the first bench does, as the benches of a lease end together, and it never is answered from a copy that is
 * behind. Throws a `LeaseLostError` with why `READ_LATE` when the lease is gone.
 */
export async function confirmGrant(
  service: LeaseServiceClient<BerthCallOptions>,
  clock: ClientClock,
  lease: Lease,
): Promise<KnownGrant> {
  const validFrom = clock.now();
  const { lab, id, fencingToken, hold, benches } = lease;
  const options = { timeoutMs: TIMEOUT_MS };
  try {
    if (hold === HoldMode.TTL) {
      const renewed = await service.renew({ lab, leaseId: id, fencingToken }, options);
      return { lease: { ...lease, remaining: renewed.lease?.remaining ?? lease.ttl }, validFrom };
    }
    const bench = benches[0]?.name ?? '';
    const { current, remaining } = await service.checkToken({ lab, bench, fencingToken }, options);
    if (current) return { lease: { ...lease, remaining }, validFrom };
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  const text = `lease ${id} was granted after a wait, and had ended before this process read it (the process or the network stood still); ask again`;
  throw new LeaseLostError('READ_LATE', text);
}

function isGone(error: unknown): boolean {
  return error instanceof BerthError && [Status.NOT_FOUND, Status.FAILED_PRECONDITION].includes(error.code);
}
