import type { ClusterAsk } from '../../domain/model/commands.js';
import type { BookingContext } from '../booking-context.js';
import type { Call, ClusterInput } from '../inputs.js';
import { partsOf } from '../resolve/resolve-templates.js';
import { intervalOf, zoneOf } from '../resolve/resolve-times.js';
import type { RootReplica } from '../roots/root-replica.js';

/** A cluster as the domain takes it; `path` is where it stands in the request. */
export async function clusterAsk(
  context: BookingContext,
  replica: RootReplica,
  input: ClusterInput,
  path: string,
  { by }: Pick<Call, 'by'>,
): Promise<ClusterAsk> {
  const { name, parent, description, owner, kind, units, labels, limit, range } = input;
  const own = { name, description, kind, units, labels, owner: owner === '' ? by.actor.name : owner };
  if (parent === '') {
    const zone = input.zone === '' ? 'UTC' : input.zone;
    return { timeZone: await zoneOf(context, replica, name, zone, path), ...own };
  }
  const timeZone = await zoneOf(context, replica, parent, input.zone, path);
  const parts = await partsOf(context, input.parts, `${path}.parts`);
  const interval =
    range === undefined ? undefined : await intervalOf(context, replica, parent, withZone(range, timeZone));
  return {
    parent,
    timeZone,
    ...own,
    ...interval,
    ...(parts.length > 0 ? { parts } : { amounts: input.amounts }),
    ...(limit !== undefined && { limit }),
  };
}

function withZone<R extends { readonly zone: string }>(
  { zone, ...rest }: R,
  other: string,
): Omit<R, 'zone'> & { zone: string } {
  return { zone: zone === '' ? other : zone, ...rest };
}
