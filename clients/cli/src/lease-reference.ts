import { BerthError, type Berth, type Lease, Status } from '@berth/client';

/**
 * The lease that a person means: by its id (`ls-…`), or by the name of a bench that it holds. Throws NO_SUCH_LEASE for a
 * bench that nobody holds, and what the server says of a lease or bench that it does not know.
 */
export async function findLease(berth: Berth, reference: string): Promise<Lease> {
  if (reference.startsWith('ls-')) {
    const { lease } = await berth.lease.getLease({ leaseId: reference });
    if (lease) return lease;
  }
  const { leases } = await berth.lease.listLeases({ bench: reference, pageSize: 1 });
  if (leases[0]) return leases[0];
  await berth.inventory.getBench({ name: reference });
  throw new BerthError('NO_SUCH_LEASE', Status.NOT_FOUND, `nobody holds ${reference}`, {}, true);
}

/** The names of a lease's benches: `resource1, resource2`. */
export function benchNames(lease: Pick<Lease, 'benches'>): string {
  return lease.benches.map(({ name }) => name).join(', ');
}
