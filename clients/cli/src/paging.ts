import type { Bench, Berth, Lease, QueuedRequest } from '@berth/client';

const PAGE = 1000;

/** Every lease, over all pages. */
export async function allLeases(berth: Berth, filter: { owner?: string; bench?: string } = {}): Promise<Lease[]> {
  return pages(async (pageToken) => {
    const { leases, nextPageToken } = await berth.lease.listLeases({ ...filter, pageSize: PAGE, pageToken });
    return { items: leases, nextPageToken };
  });
}

/** Every waiting request, best first, over all pages. */
export async function allRequests(
  berth: Berth,
  filter: { owner?: string; bench?: string } = {},
): Promise<QueuedRequest[]> {
  return pages(async (pageToken) => {
    const { requests, nextPageToken } = await berth.lease.listQueue({ ...filter, pageSize: PAGE, pageToken });
    return { items: requests, nextPageToken };
  });
}

type BenchFilter = Omit<Parameters<Berth['inventory']['listBenches']>[0], 'pageSize' | 'pageToken'>;

/** Every bench by name, over all pages. */
export async function allBenches(berth: Berth, filter: BenchFilter = {}): Promise<Bench[]> {
  return pages(async (pageToken) => {
    const { benches, nextPageToken } = await berth.inventory.listBenches({ ...filter, pageSize: PAGE, pageToken });
    return { items: benches, nextPageToken };
  });
}

async function pages<T>(read: (pageToken: string) => Promise<{ items: T[]; nextPageToken: string }>): Promise<T[]> {
  const all: T[] = [];
  let pageToken = '';
  do {
    const page = await read(pageToken);
    all.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return all;
}
