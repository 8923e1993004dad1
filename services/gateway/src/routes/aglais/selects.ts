import { allPages, type Berth, Grain, GRAINS, type TimeRange } from '@berth/client';
import type { AglaisAnswer, AglaisCall } from './aglais-call.js';
import { ROW_AMOUNTS } from './amounts.js';
import { blockRows, type RowFigure, type RowTable } from './rows.js';
import { fourWeeks, rangeOf } from './when.js';

/** The parameters of a range that is cut into blocks. */
export const RANGE: readonly string[] = ['range', 'grain'];

/** The cluster that is meant when none is named. */
export const DEFAULT_CLUSTER = 'default';

/** What of a cluster is asked for. */
interface RowsAsked {
  readonly cluster: string;
  readonly range: TimeRange;
  readonly grain: Grain;
  readonly figure: RowFigure;
}

/** Rows of a figure of any cluster, in the range that the request says. */
export function selectRows(figure: RowFigure) {
  return async ({ berth, given, faults }: AglaisCall): Promise<AglaisAnswer> => {
    given.required('range', '2020-06-08,2020-06-14');
    const range = rangeOf(given, faults);
    const grain = grainOf(given);
    faults.throwIfAny();
    if (range === undefined) throw new Error('a range that is missing is a fault');
    const cluster = given.text('clusterid') ?? DEFAULT_CLUSTER;
    return { rows: await figureRows(berth, { cluster, range, grain, figure }) };
  };
}

/** Rows of a figure of the cluster `default`; unless the request says a range, of the next four weeks. */
export function quotaRows(figure: RowFigure) {
  return async ({ berth, clock, given, faults }: AglaisCall): Promise<AglaisAnswer> => {
    const range = rangeOf(given, faults) ?? fourWeeks(clock.now());
    const grain = grainOf(given);
    faults.throwIfAny();
    return { rows: await figureRows(berth, { cluster: DEFAULT_CLUSTER, range, grain, figure }) };
  };
}

/** How long a block is; a day unless the request says otherwise. */
export function grainOf(given: AglaisCall['given']): Grain {
  return given.choice<Grain>('grain', GRAINS) ?? Grain.DAY;
}

/** A row for each block of a range. */
export async function figureRows({ bookings }: Berth, { cluster, range, grain, figure }: RowsAsked): Promise<RowTable> {
  let zone = 'UTC';
  const blocks = await allPages(async (pageToken) => {
    const request = { cluster, range, calendar: { grain }, amounts: [...ROW_AMOUNTS], pageToken };
    const page = await bookings.getAvailability(request);
    zone = page.timeZone;
    return { items: page.blocks, nextPageToken: page.nextPageToken };
  });
  return blockRows(blocks, figure, zone, grain);
}
