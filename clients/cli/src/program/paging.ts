import type {
  Allocation,
  AllocationFilter,
  Bench,
  Berth,
  Leak,
  Lease,
  Page,
  Pool,
  QueuedRequest,
  Resource,
  Ticket,
} from '@berth/client';
import { allPages } from '@berth/client';

const PAGE = 1000;

/** Every lease, over all pages. */
export async function allLeases(berth: Berth, filter: { owner?: string; bench?: string } = {}): Promise<Lease[]> {
  return allPages(async (pageToken) => {
    const { leases, nextPageToken } = await berth.lease.listLeases({ ...filter, pageSize: PAGE, pageToken });
    return { items: leases, nextPageToken };
  });
}

/** Every waiting request, best first, over all pages. */
export async function allRequests(
  berth: Berth,
  filter: { owner?: string; bench?: string } = {},
): Promise<QueuedRequest[]> {
  return allPages(async (pageToken) => {
    const { requests, nextPageToken } = await berth.lease.listQueue({ ...filter, pageSize: PAGE, pageToken });
    return { items: requests, nextPageToken };
  });
}

type BenchFilter = Omit<Parameters<Berth['inventory']['listBenches']>[0], 'pageSize' | 'pageToken'>;

/** Every bench by name, over all pages. */
export async function allBenches(berth: Berth, filter: BenchFilter = {}): Promise<Bench[]> {
  return allPages(async (pageToken) => {
    const { benches, nextPageToken } = await berth.inventory.listBenches({ ...filter, pageSize: PAGE, pageToken });
    return { items: benches, nextPageToken };
  });
}

/** What a list is cut to, and whether it was. */
export interface Limited<T> {
  readonly items: T[];
  readonly more: boolean;
}

/** The newest allocations that a filter lets through, at most `limit`. */
export async function newestAllocations(
  berth: Berth,
  filter: Partial<AllocationFilter>,
  limit: number,
): Promise<Limited<Allocation>> {
  return limitedPages(limit, async (pageToken, pageSize) => {
    const request = { filter, orderBy: 'create_time desc', pageSize, pageToken };
    const { allocations, nextPageToken } = await berth.allocations.listAllocations(request);
    return { items: allocations, nextPageToken };
  });
}

type LeakFilter = Omit<Parameters<Berth['allocations']['listLeaks']>[0], 'pageSize' | 'pageToken'>;

/** Every leak, the longest first, and how fresh that is. */
export async function allLeaks(berth: Berth, filter: LeakFilter): Promise<{ leaks: Leak[]; sweep: Date | undefined }> {
  let sweep: Date | undefined;
  const leaks = await allPages(async (pageToken) => {
    const page = await berth.allocations.listLeaks({ ...filter, pageSize: PAGE, pageToken });
    sweep ??= page.sweepTime;
    return { items: page.leaks, nextPageToken: page.nextPageToken };
  });
  return { leaks, sweep };
}

type TicketFilter = Omit<Parameters<Berth['pools']['listTickets']>[0], 'pageSize' | 'pageToken'>;

/** Every ticket by number, over all pages. */
export async function allTickets(berth: Berth, filter: TicketFilter): Promise<Ticket[]> {
  return allPages(async (pageToken) => {
    const { tickets, nextPageToken } = await berth.pools.listTickets({ ...filter, pageSize: PAGE, pageToken });
    return { items: tickets, nextPageToken };
  });
}

type ResourceFilter = Omit<Parameters<Berth['pools']['listResources']>[0], 'pageSize' | 'pageToken'>;

/** Every resource by number, over all pages. */
export async function allResources(berth: Berth, filter: ResourceFilter): Promise<Resource[]> {
  return allPages(async (pageToken) => {
    const { resources, nextPageToken } = await berth.pools.listResources({ ...filter, pageSize: PAGE, pageToken });
    return { items: resources, nextPageToken };
  });
}

/** Every resource that could not be deleted, the oldest leak first, over all pages. */
export async function allPoolLeaks(berth: Berth, filter: { pool?: string }): Promise<Resource[]> {
  return allPages(async (pageToken) => {
    const { resources, nextPageToken } = await berth.pools.listLeaks({ ...filter, pageSize: PAGE, pageToken });
    return { items: resources, nextPageToken };
  });
}

/** Every pool by name, over all pages. */
export async function allPools(berth: Berth): Promise<Pool[]> {
  return allPages(async (pageToken) => {
    const { pools, nextPageToken } = await berth.pools.listPools({ pageSize: PAGE, pageToken });
    return { items: pools, nextPageToken };
  });
}

/** Reads pages until there are `limit` items or no more; 0 = all. */
export async function limitedPages<T>(
  limit: number,
  read: (pageToken: string, pageSize: number) => Promise<Page<T>>,
): Promise<Limited<T>> {
  const items: T[] = [];
  let pageToken = '';
  do {
    // One more than asked for tells whether there are more.
    const pageSize = limit === 0 ? PAGE : Math.min(PAGE, limit + 1 - items.length);
    const page = await read(pageToken, pageSize);
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && (limit === 0 || items.length <= limit));
  return limit === 0 ? { items, more: false } : { items: items.slice(0, limit), more: items.length > limit };
}
