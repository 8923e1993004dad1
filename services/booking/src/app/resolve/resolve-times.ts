import { noSuchCluster } from '../../domain/plan/refusals.js';
import type { Interval } from '../../domain/time/interval.js';
import { readInterval } from '../../domain/time/when.js';
import { requireZone } from '../../domain/time/zone.js';
import type { BookingContext } from '../booking-context.js';
import type { RangeInput } from '../inputs.js';
import type { RootReplica } from '../roots/root-replica.js';

const UTC = 'UTC';

/** The zone of dates on a cluster: the given one, or the cluster's as of now. Throws UNKNOWN_TIME_ZONE, NO_SUCH_CLUSTER. */
export async function zoneOf(
  { calendar }: BookingContext,
  replica: RootReplica,
  cluster: string,
  given: string,
  path: string,
): Promise<string> {
  if (given !== '') return requireZone(calendar, given, `${path}.time_zone`);
  const zone = await replica.read(({ clusters }) => clusters.get(cluster)?.timeZone);
  if (zone === undefined) throw noSuchCluster(cluster);
  return zone;
}

/** The instants of a range on a cluster. The ledger is asked only when they depend on the cluster's zone. */
export async function intervalOf(
  context: BookingContext,
  replica: RootReplica,
  cluster: string,
  range: RangeInput,
): Promise<Interval> {
  const byDate = 'date' in range.start || 'date' in range.end;
  const zone = byDate || range.zone !== '' ? await zoneOf(context, replica, cluster, range.zone, range.path) : UTC;
  return readInterval(context.calendar, range, zone, range.path);
}
