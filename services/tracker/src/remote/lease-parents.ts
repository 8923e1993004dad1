import type { Berth } from '@berth/client';
import { inChunks } from '@berth/documents';
import type { LookedUp, ParentCheck } from '../ports/parent-check.js';

/** What allocations name as their parent when a lease keeps them alive: `lease/<lab>/<id>`. */
const LEASE = /^lease\/([^/]+)\/([^/]+)$/;
const CALL = { timeoutMs: 10_000, retry: false };

/** Leases of a lab that allocations name: their parents by their ids. */
type Leases = Map<string, string>;

/**
 * Asks the lease service which leases are in force. `connected` gives a client of that; `refused` hears of a lab that the
 * service refuses to tell about, once until it tells again.
 */
export function leaseParents(
  connected: () => Promise<Berth>,
  refused: (lab: string, error: unknown) => void = () => undefined,
): ParentCheck {
  const silent = new Set<string>();

  /**
   * The leases that are not in force, or 'unknown' when the service refuses to tell about the lab. Throws when it is away.
   */
  async function goneOf(lab: string, leases: Leases): Promise<Leases | 'unknown'> {
    const berth = await connected();
    const { BerthError } = await import('@berth/client');
    try {
      const gone = await notInForce(berth, lab, leases);
      silent.delete(lab);
      return gone;
    } catch (error) {
      if (!(error instanceof BerthError && error.described)) throw error;
      // A lab that is not there has no leases.
      if (error.reason === 'NO_SUCH_LAB') return leases;
      if (!silent.has(lab)) refused(lab, error);
      silent.add(lab);
      return 'unknown';
    }
  }

  return {
    look: async (parents): Promise<LookedUp> => {
      const gone = new Set<string>();
      const unknown = new Set<string>();
      for (const [lab, leases] of leasesByLab(parents)) {
        const found = await goneOf(lab, leases);
        for (const parent of (found === 'unknown' ? leases : found).values()) {
          (found === 'unknown' ? unknown : gone).add(parent);
        }
      }
      return { gone, unknown };
    },
  };
}

function leasesByLab(parents: readonly string[]): ReadonlyMap<string, Leases> {
  const byLab = new Map<string, Leases>();
  for (const parent of parents) {
    const [, lab, id] = LEASE.exec(parent) ?? [];
    if (lab === undefined || id === undefined) continue;
    const leases = byLab.get(lab) ?? new Map<string, string>();
    byLab.set(lab, leases.set(id, parent));
  }
  return byLab;
}

/** The list begins after the parents were read: a lease that is not in it has ended, or never was. */
async function notInForce({ lease }: Berth, lab: string, leases: Leases): Promise<Leases> {
  const left: Leases = new Map(leases);
  for (const chunk of inChunks([...leases.keys()])) {
    const leaseIds = [...chunk];
    const { leases: found, nextPageToken } = await lease.listLeases({ lab, leaseIds, idsOnly: true }, CALL);
    // An older server does not know `lease_ids`: it lists all leases, in pages.
    if (nextPageToken !== '') throw new Error(`the lease service of lab ${lab} is older than the tracker`);
    for (const { id } of found) left.delete(id);
  }
  return left;
}
