import type { Berth } from '@berth/client';
import type { LookedUp, ParentCheck } from '../ports/parent-check.js';

/** What allocations name as their parent when a lease keeps them alive: `lease/<lab>/<id>`. */
const LEASE = /^lease\/([^/]+)\/([^/]+)$/;
const CALL = { timeoutMs: 10_000, retry: false };
const PAGE = 1000;
/** So many leases of a lab are asked for one by one; of more, all of the lab are listed. */
const FEW = 8;

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
      const gone = leases.size <= FEW ? await askedOneByOne(berth, lab, leases) : await notListed(berth, lab, leases);
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

async function askedOneByOne({ lease }: Berth, lab: string, leases: Leases): Promise<Leases> {
  const { BerthError } = await import('@berth/client');
  const gone: Leases = new Map();
  for (const [leaseId, parent] of leases) {
    try {
      await lease.getLease({ lab, leaseId }, CALL);
    } catch (error) {
      if (!(error instanceof BerthError) || error.reason !== 'NO_SUCH_LEASE') throw error;
      gone.set(leaseId, parent);
    }
  }
  return gone;
}

/** The list begins after the parents were read: a lease that is not in it has ended, or never was. */
async function notListed({ lease }: Berth, lab: string, leases: Leases): Promise<Leases> {
  const left: Leases = new Map(leases);
  let pageToken = '';
  do {
    const page = await lease.listLeases({ lab, pageSize: PAGE, pageToken, idsOnly: true }, CALL);
    for (const { id } of page.leases) left.delete(id);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return left;
}
