import type { Berth } from '@berth/client';
import type { GrantSeen } from '@berth/testkit';

/** What is held now, as the server lists it, with the request that each grant came from. */
export async function currentGrants(berth: Berth): Promise<(GrantSeen & { readonly request: string })[]> {
  const { leases } = await berth.lease.listLeases({ pageSize: 1000 });
  return leases.map(({ id, fencingToken, benches, requestId }) => ({
    lease: id,
    token: fencingToken,
    benches: benches.map(({ name }) => name),
    request: requestId,
  }));
}
