import type { Berth } from '@berth/client';
import type { ParentCheck } from '../ports/parent-check.js';

/** What allocations name as their parent when a lease keeps them alive: `lease/<lab>/<id>`. */
const LEASE = /^lease\/([^/]+)\/([^/]+)$/;
const CALLER = { user: 'berth-tracker', role: 'viewer' };
const CALL = { timeoutMs: 10_000, retry: false };
const PAGE = 1000;

/** A lab that is not there has no leases; any other failure says nothing about them. */
function noLeases(error: unknown): ReadonlySet<string> {
  if (error instanceof Error && 'reason' in error && error.reason === 'NO_SUCH_LAB') return new Set();
  throw error;
}

/** Asks the lease service which leases are in force. `address` is asked once, at the first look. */
export function leaseParents(address: () => string): ParentCheck & { readonly close: () => Promise<void> } {
  let opened: Promise<Berth> | undefined;

  async function connected(): Promise<Berth> {
    const where = address();
    // Loaded at the first look, so that a start does not wait for it.
    opened ??= import('@berth/client').then(({ connect }) => connect({ address: where, ...CALLER }));
    return opened;
  }

  async function leasesOf(lab: string): Promise<ReadonlySet<string>> {
    const { lease } = await connected();
    const ids = new Set<string>();
    let pageToken = '';
    do {
      const page = await lease.listLeases({ lab, pageSize: PAGE, pageToken }, CALL);
      for (const { id } of page.leases) ids.add(id);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return ids;
  }

  return {
    gone: async (parents) => {
      const byLab = new Map<string, { readonly parent: string; readonly id: string }[]>();
      for (const parent of parents) {
        const [, lab, id] = LEASE.exec(parent) ?? [];
        if (lab !== undefined && id !== undefined) byLab.set(lab, [...(byLab.get(lab) ?? []), { parent, id }]);
      }
      const gone = new Set<string>();
      for (const [lab, leases] of byLab) {
        // Listed after the parents were read: a lease that is not in the list has ended, or never was.
        const inForce = await leasesOf(lab).catch(noLeases);
        for (const { parent, id } of leases) if (!inForce.has(id)) gone.add(parent);
      }
      return gone;
    },
    close: async () => {
      (await opened)?.close();
    },
  };
}
