import { BerthError, type Lease, Status } from '@berth/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from './program/context.js';

const LOOKS = 4;
const BETWEEN_LOOKS_MS = 300;

/**
 * The lease that a person means: by its id (`ls-…`), or by the name of a bench that it holds. An id wins over a bench of the
 * same name, and a note says so. Throws NO_SUCH_LEASE for a bench that nobody holds, and what the server says of a lease or
 * bench that it does not know.
 */
export async function findLease(context: Context, reference: string): Promise<Lease> {
  const { berth, out } = context;
  const [byId, byBench] = await Promise.all([
    isLeaseId(reference) ? leaseOf(context, reference) : undefined,
    holdingLease(context, reference),
  ]);
  if (byId && byBench && byId.id !== byBench.id) {
    out.note(`berth: ${reference} is taken for the lease; the bench of this name is held with lease ${byBench.id}`);
  }
  const lease = byId ?? byBench;
  if (lease) return lease;
  await berth.inventory.getBench({ name: reference }).catch(async (error: unknown) => {
    // What begins like a lease was probably meant as one.
    if (hasReason(error, 'NO_SUCH_BENCH') && isLeaseId(reference)) await berth.lease.getLease({ leaseId: reference });
    throw error;
  });
  throw new BerthError('NO_SUCH_LEASE', Status.NOT_FOUND, `nobody holds ${reference}`, {}, true);
}

/**
 * Whether there was a lease of this id, as the tracker's history tells; undefined when there is no tracker that can be asked.
 * The history may come a moment after the lease.
 */
export async function wasLease({ berth, config }: Context, id: string): Promise<boolean | undefined> {
  const filter = { kinds: ['lease'], parent: `lease/${config.lab ?? 'default'}/${id}` };
  try {
    for (let look = 1; ; look += 1) {
      const { allocations } = await berth.allocations.listAllocations({ filter, pageSize: 1 });
      if (allocations.length > 0) return true;
      if (look === LOOKS) return false;
      await sleep(BETWEEN_LOOKS_MS);
    }
  } catch (error) {
    if (error instanceof BerthError) return undefined;
    throw error;
  }
}

/** Whether a text looks like the id of a lease; a bench may have such a name too. */
export function isLeaseId(text: string): boolean {
  return text.startsWith('ls-');
}

/** Whether an error is this one of Berth's. */
export function hasReason(error: unknown, reason: string): boolean {
  return error instanceof BerthError && error.reason === reason;
}

/** The names of a lease's benches: `resource1, resource2`. */
export function benchNames(lease: Pick<Lease, 'benches'>): string {
  return lease.benches.map(({ name }) => name).join(', ');
}

async function holdingLease({ berth }: Context, bench: string): Promise<Lease | undefined> {
  try {
    return (await berth.lease.listLeases({ bench, pageSize: 1 })).leases[0];
  } catch (error) {
    if (hasReason(error, 'NO_SUCH_BENCH')) return undefined;
    throw error;
  }
}

async function leaseOf({ berth }: Context, id: string): Promise<Lease | undefined> {
  try {
    return (await berth.lease.getLease({ leaseId: id })).lease;
  } catch (error) {
    if (hasReason(error, 'NO_SUCH_LEASE')) return undefined;
    throw error;
  }
}
