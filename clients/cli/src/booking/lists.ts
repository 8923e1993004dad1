import type { Berth, Block, Booking, Cluster, Conflict, Grant, Size, Template } from '@berth/client';
import { allPages } from '@berth/client';
import { type Limited, limitedPages } from '../program/paging.js';

const PAGE = 1000;

/** A call's request without its page. */
type Filter<Call extends (request: never) => unknown> = Omit<Parameters<Call>[0], 'pageSize' | 'pageToken'>;

/** Bookings by start, at most `limit`; 0 = all. */
export async function findBookings(
  { bookings }: Berth,
  filter: Filter<Berth['bookings']['listBookings']>,
  limit: number,
): Promise<Limited<Booking>> {
  return limitedPages(limit, async (pageToken, pageSize) => {
    const page = await bookings.listBookings({ ...filter, pageSize, pageToken });
    return { items: page.bookings, nextPageToken: page.nextPageToken };
  });
}

/** Every booking that is provisional or degraded, over all pages. */
export async function allConflicts(
  { bookings }: Berth,
  filter: Filter<Berth['bookings']['listConflicts']>,
): Promise<Conflict[]> {
  return allPages(async (pageToken) => {
    const page = await bookings.listConflicts({ ...filter, pageSize: PAGE, pageToken });
    return { items: page.conflicts, nextPageToken: page.nextPageToken };
  });
}

/** All blocks of a calendar, over all pages, and the zone in which they lie. */
export async function allBlocks(
  { bookings }: Berth,
  request: Filter<Berth['bookings']['getAvailability']>,
): Promise<{ readonly blocks: Block[]; readonly zone: string; readonly units: Readonly<Record<string, string>> }> {
  let zone = 'UTC';
  let units: Readonly<Record<string, string>> = {};
  const blocks = await allPages(async (pageToken) => {
    const page = await bookings.getAvailability({ ...request, pageToken });
    zone = page.timeZone;
    units = page.units;
    return { items: page.blocks, nextPageToken: page.nextPageToken };
  });
  return { blocks, zone, units };
}

/** Every cluster by name, over all pages. */
export async function allClusters(
  { capacity }: Berth,
  filter: Filter<Berth['capacity']['listClusters']>,
): Promise<Cluster[]> {
  return allPages(async (pageToken) => {
    const page = await capacity.listClusters({ ...filter, pageSize: PAGE, pageToken });
    return { items: page.clusters, nextPageToken: page.nextPageToken };
  });
}

/** Every period of a cluster's size, or every block, over all pages. */
export async function allSizes({ capacity }: Berth, filter: Filter<Berth['capacity']['listSizes']>): Promise<Size[]> {
  return allPages(async (pageToken) => {
    const page = await capacity.listSizes({ ...filter, pageSize: PAGE, pageToken });
    return { items: page.sizes, nextPageToken: page.nextPageToken };
  });
}

/** Every grant by start, over all pages. */
export async function allGrants(
  { capacity }: Berth,
  filter: Filter<Berth['capacity']['listGrants']>,
): Promise<Grant[]> {
  return allPages(async (pageToken) => {
    const page = await capacity.listGrants({ ...filter, pageSize: PAGE, pageToken });
    return { items: page.grants, nextPageToken: page.nextPageToken };
  });
}

/** Every template by name, over all pages. */
export async function allTemplates(
  { capacity }: Berth,
  filter: Filter<Berth['capacity']['listTemplates']>,
): Promise<Template[]> {
  return allPages(async (pageToken) => {
    const page = await capacity.listTemplates({ ...filter, pageSize: PAGE, pageToken });
    return { items: page.templates, nextPageToken: page.nextPageToken };
  });
}
