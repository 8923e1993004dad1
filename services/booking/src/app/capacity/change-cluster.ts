import { BerthError, invalidField, orderedId } from '@berth/kernel';
import { isOver } from '../../domain/model/booking.js';
import type { Cluster } from '../../domain/model/cluster.js';
import type {
  Command,
  CreateCluster,
  DeleteCluster,
  ResizeCluster,
  UpdateCluster,
} from '../../domain/model/commands.js';
import { labOf, rootOf } from '../../domain/model/names.js';
import { isOpen } from '../../domain/plan/is-open.js';
import { noSuchCluster } from '../../domain/plan/refusals.js';
import { requireZone } from '../../domain/time/zone.js';
import { carryOut } from '../bookings/carry-out.js';
import type { BookingContext } from '../booking-context.js';
import type { Call, ClusterInput, Patch, ResizeInput } from '../inputs.js';
import { partsOf } from '../resolve/resolve-templates.js';
import { intervalOf } from '../resolve/resolve-times.js';
import type { RootReplica } from '../roots/root-replica.js';
import { clusterAsk } from './cluster-ask.js';

const PRIORITY = 50;

/** Makes a root cluster, or a child with its booking on the parent: both or neither. */
export async function createCluster(
  context: BookingContext,
  input: ClusterInput & { readonly whenFull: 'refuse' | 'wait' },
  call: Call,
): Promise<Cluster> {
  const { roots, clock } = context;
  const isRoot = input.parent === '';
  const replica = isRoot ? await rootFor(context, input.name, call) : await roots.of(input.parent, 'cluster.parent');
  const make = async (): Promise<CreateCluster> => ({
    kind: 'createCluster',
    cluster: await clusterAsk(context, replica, input, 'cluster', call),
    bookingId: isRoot ? '' : orderedId('bk', clock.now()),
    whenFull: input.whenFull === 'wait' ? 'WAIT' : 'REFUSE',
    priority: PRIORITY,
    ...asked(call),
  });
  return changeCluster(context, replica, make, input.name, call);
}

/** The ledger for a new root; it stays empty when the cluster is refused. */
async function rootFor({ roots }: BookingContext, name: string, { by }: Call): Promise<RootReplica> {
  if (!by.operator) {
    throw new BerthError(
      'PERMISSION_DENIED',
      `${by.actor.name} may not make a root cluster; make one inside of another (parent), or ask an operator.`,
      { metadata: { caller: by.actor.name } },
    );
  }
  if (labOf(name) !== undefined || rootOf(name) !== name) {
    throw invalidField(
      'cluster.name',
      "has a '/'; a root cluster has none, and clusters of labs are there by themselves.",
    );
  }
  return roots.add(name);
}

export async function getCluster({ roots }: BookingContext, name: string): Promise<Cluster> {
  const replica = await roots.of(name);
  const cluster = await replica.read(({ clusters }) => clusters.get(name));
  if (cluster === undefined) throw noSuchCluster(name);
  return cluster;
}

export async function updateCluster(
  context: BookingContext,
  { name, etag, patch }: { readonly name: string; readonly etag: string; readonly patch: Patch<ClusterInput> },
  call: Call,
): Promise<Cluster> {
  const { calendar, roots } = context;
  const replica = await roots.of(name, 'cluster.name');
  const { description, owner, kind, units, zone, labels, limit, range } = patch;
  const make = async (): Promise<UpdateCluster> => {
    const endMs =
      range === undefined || range === null ? undefined : (await intervalOf(context, replica, name, range)).endMs;
    return {
      kind: 'updateCluster',
      name,
      change: {
        ...(description !== undefined && { description: description ?? '' }),
        ...(owner !== undefined && owner !== null && { owner }),
        ...(kind !== undefined && { kind: kind ?? '' }),
        ...(units !== undefined && { units: units ?? {} }),
        ...(zone !== undefined && { timeZone: requireZone(calendar, zone ?? 'UTC', 'cluster.time_zone') }),
        ...(labels !== undefined && { labels: labels ?? {} }),
        ...(limit !== undefined && { limit }),
        ...(endMs !== undefined && { endMs }),
      },
      ...etagged(etag),
      ...asked(call),
    };
  };
  return changeCluster(context, replica, make, name, call);
}

export async function resizeCluster(context: BookingContext, input: ResizeInput, call: Call): Promise<Cluster> {
  const { name, etag, amounts, range, force } = input;
  const { roots, clock } = context;
  const replica = await roots.of(name, 'name');
  const make = async (): Promise<ResizeCluster> => {
    const parts = await partsOf(context, input.parts, 'parts');
    const nowMs = clock.now();
    const interval = range === undefined ? { startMs: nowMs } : await intervalOf(context, replica, name, range);
    const clusterEndMs = await replica.read(({ clusters }) => clusters.get(name)?.endMs);
    const { startMs, endMs = Infinity }: { startMs: number; endMs?: number } = interval;
    return {
      kind: 'resizeCluster',
      name,
      startMs,
      ...(endMs < (clusterEndMs ?? Infinity) && { endMs }),
      amounts,
      parts,
      force,
      ...etagged(etag),
      ...asked(call),
    };
  };
  return changeCluster(context, replica, make, name, call);
}

export async function deleteCluster(
  context: BookingContext,
  { name, etag, force }: { readonly name: string; readonly etag: string; readonly force: boolean },
  call: Call,
): Promise<Cluster> {
  const replica = await context.roots.of(name, 'name');
  const command: DeleteCluster = { kind: 'deleteCluster', name, force, ...etagged(etag), ...asked(call) };
  return changeCluster(context, replica, () => command, name, call);
}

/** Whether each cluster can be booked on, by the booking of it on its parent and those above. */
export function clusterStates(
  { roots, clock }: BookingContext,
  clusters: readonly Cluster[],
): Promise<readonly ClusterState[]> {
  const nowMs = clock.now();
  return Promise.all(
    clusters.map(async (cluster): Promise<ClusterState> => {
      if (cluster.deletedMs !== undefined) return 'CLOSED';
      if (cluster.parent === undefined) return 'OPEN';
      const replica = await roots.of(cluster.name);
      const { booking, open } = await replica.read((state) => ({
        booking: state.bookings.get(cluster.booking ?? ''),
        open: isOpen(state, cluster.name),
      }));
      if (booking === undefined || isOver(booking, nowMs)) return 'CLOSED';
      return open ? 'OPEN' : 'PROVISIONAL';
    }),
  );
}

export type ClusterState = 'OPEN' | 'PROVISIONAL' | 'CLOSED';

async function changeCluster(
  context: BookingContext,
  replica: RootReplica,
  make: () => Command | Promise<Command>,
  name: string,
  call: Call,
): Promise<Cluster> {
  const { seen } = await carryOut(context, replica, make, call, ({ clusters }) => clusters.get(name));
  if (seen === undefined) throw noSuchCluster(name);
  return seen;
}

export function asked({ by, key }: Call): Pick<Call, 'by' | 'key'> {
  return { by, key };
}

export function etagged(etag: string): { readonly etag?: string } {
  return etag === '' ? {} : { etag };
}
