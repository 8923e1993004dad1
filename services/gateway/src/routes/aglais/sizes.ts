import { allPages, type Berth } from '@berth/client';
import type { AglaisAnswer, AglaisCall } from './aglais-call.js';
import { MAGNUM } from './clusters.js';
import { ofClusters, periodRows, type SizePeriod } from './rows.js';
import { figureRows, grainOf } from './selects.js';
import { rangeOf } from './when.js';

const PAGE_SIZE = 1000;

/**
 * How big clusters are: from when on they have which size, or with a range for each block of it; of one cluster, or of all
 * that were made as Magnum's.
 */
export async function clusterSizes({ berth, given, faults }: AglaisCall): Promise<AglaisAnswer> {
  const range = rangeOf(given, faults);
  const grain = grainOf(given);
  if (given.has('grain') && !given.has('range')) faults.add('grain', 'cuts a range; give range too');
  faults.throwIfAny();
  const named = given.text('clusterid');
  const clusters = named === undefined ? await magnumClusters(berth) : [named];
  if (range === undefined) {
    const periods = await Promise.all(clusters.map((name) => periodsOf(berth, name)));
    return { rows: periodRows(periods.flat()) };
  }
  const asked = { range, grain, figure: 'granted' } as const;
  const tables = await Promise.all(
    clusters.map(async (cluster) => ({ cluster, table: await figureRows(berth, { cluster, ...asked }) })),
  );
  return { rows: ofClusters(tables) };
}

async function magnumClusters({ capacity }: Berth): Promise<string[]> {
  const all = await allPages(async (pageToken) => {
    const page = await capacity.listClusters({ pageSize: PAGE_SIZE, pageToken });
    return { items: page.clusters, nextPageToken: page.nextPageToken };
  });
  return all.filter(({ kind }) => kind === MAGNUM).map(({ name }) => name);
}

async function periodsOf(berth: Berth, cluster: string): Promise<SizePeriod[]> {
  const zone = await zoneOf(berth, cluster);
  const sizes = await allPages(async (pageToken) => {
    const page = await berth.capacity.listSizes({ cluster, pageSize: PAGE_SIZE, pageToken });
    return { items: page.sizes, nextPageToken: page.nextPageToken };
  });
  return sizes.map(({ interval, amounts }) => ({ cluster, zone, start: interval?.startTime, amounts }));
}

/** The zone of a cluster: its own, or that of the nearest one above it that has one. */
async function zoneOf({ capacity }: Berth, name: string): Promise<string> {
  let next = name;
  while (next !== '') {
    const { cluster } = await capacity.getCluster({ name: next });
    if (cluster?.timeZone !== '') return cluster?.timeZone ?? 'UTC';
    next = cluster.parent;
  }
  return 'UTC';
}
