import { orderedId } from '@berth/kernel';
import type { Grant } from '../../domain/model/cluster.js';
import type { Command, CreateGrant, DeleteGrant, UpdateGrant } from '../../domain/model/commands.js';
import { noSuchGrant } from '../../domain/plan/refusals.js';
import { carryOut } from '../bookings/carry-out.js';
import type { BookingContext } from '../booking-context.js';
import type { Call, GrantInput, Patch } from '../inputs.js';
import { intervalOf } from '../resolve/resolve-times.js';
import type { RootReplica } from '../roots/root-replica.js';
import { asked, etagged } from './change-cluster.js';

/** Adds capacity, or takes it away for maintenance. */
export async function createGrant(context: BookingContext, input: GrantInput, call: Call): Promise<Grant> {
  const { kind, cluster, benches, range, description, labels } = input;
  const path = kind === 'maintenance' ? 'maintenance' : 'grant';
  const replica = await context.roots.of(cluster, `${path}.cluster`);
  const make = async (): Promise<CreateGrant> => ({
    kind: 'createGrant',
    id: orderedId('gr', context.clock.now()),
    grant: {
      cluster,
      kind: kind === 'maintenance' ? 'MAINTENANCE' : 'CAPACITY',
      amounts: benches.length === 0 ? input.amounts : oneOfEach(benches),
      description,
      labels,
      ...(await intervalOf(context, replica, cluster, range)),
    },
    ...asked(call),
  });
  return changeGrant(context, replica, make, call);
}

export async function getGrant(context: BookingContext, id: string): Promise<Grant> {
  const replica = await rootOfGrant(context, id);
  const grant = await replica.read(({ grants }) => grants.get(id));
  if (grant === undefined) throw noSuchGrant(id);
  return grant;
}

export async function updateGrant(
  context: BookingContext,
  input: { readonly id: string; readonly etag: string; readonly patch: Patch<GrantInput>; readonly force: boolean },
  call: Call,
): Promise<Grant> {
  const { id, etag, force } = input;
  const { amounts, benches, range, description, labels } = input.patch;
  const replica = await rootOfGrant(context, id);
  const cluster = await replica.read(({ grants }) => grants.get(id)?.cluster ?? replica.root);
  const make = async (): Promise<UpdateGrant> => ({
    kind: 'updateGrant',
    id,
    change: {
      ...(amounts !== undefined && { amounts: amounts ?? {} }),
      ...(benches !== undefined && { amounts: oneOfEach(benches ?? []) }),
      ...(description !== undefined && { description: description ?? '' }),
      ...(labels !== undefined && { labels: labels ?? {} }),
      ...(range !== undefined && range !== null && (await intervalOf(context, replica, cluster, range))),
    },
    force,
    ...etagged(etag),
    ...asked(call),
  });
  return changeGrant(context, replica, make, call);
}

export async function deleteGrant(
  context: BookingContext,
  { id, etag, force }: { readonly id: string; readonly etag: string; readonly force: boolean },
  call: Call,
): Promise<Grant> {
  const replica = await rootOfGrant(context, id);
  const command: DeleteGrant = { kind: 'deleteGrant', id, force, ...etagged(etag), ...asked(call) };
  return changeGrant(context, replica, () => command, call);
}

async function rootOfGrant({ roots }: BookingContext, id: string): Promise<RootReplica> {
  const replica = await roots.having(({ grants }) => grants.has(id));
  if (replica === undefined) throw noSuchGrant(id);
  return replica;
}

async function changeGrant(
  context: BookingContext,
  replica: RootReplica,
  make: () => Command | Promise<Command>,
  call: Call,
): Promise<Grant> {
  const { done, seen } = await carryOut(context, replica, make, call, ({ grants }, { id }) => grants.get(id));
  if (seen === undefined) throw noSuchGrant(done.id);
  return seen;
}

function oneOfEach(benches: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(benches.map((bench) => [bench, 1]));
}
