import { BerthError, SYSTEM } from '@berth/kernel';
import type { Inventory } from '../../domain/model/commands.js';
import { labOf } from '../../domain/model/names.js';
import type { RootState } from '../../domain/state/root-state.js';
import type { LabView } from '../../ports/lab-client.js';
import type { BookingContext } from '../booking-context.js';
import type { RootReplica } from '../roots/root-replica.js';

/** The origin of the grants that stand for benches. */
const INVENTORY = 'inventory';

/** The root of a lab, with its benches, made when the lab is there. Throws NO_SUCH_LAB. */
export async function labReplica(context: BookingContext, lab: string, path: string): Promise<RootReplica> {
  const root = `lab/${lab}`;
  const known = await context.roots.find(root);
  if (known !== undefined) return known;
  const view = await context.labs.look(lab);
  if (view === undefined) throw noSuchLab(lab, path);
  const replica = await context.roots.add(root);
  await putInventory(replica, view);
  return replica;
}

/** Has the ledger learn of benches that it does not know yet: one was added a moment ago. */
export async function learnBenches(
  { labs }: BookingContext,
  replica: RootReplica,
  names: readonly string[],
): Promise<void> {
  const known = inventoryIn(replica.hint);
  if (names.every((name) => known.has(name))) return;
  const view = await labs.look(labOf(replica.root) ?? '');
  if (view !== undefined) await putInventory(replica, view);
}

/** The benches that a ledger takes to be in the inventory of its lab. */
export function inventoryIn({ grants }: RootState): ReadonlySet<string> {
  const benches = new Set<string>();
  for (const { origin, deletedMs, amounts } of grants.values()) {
    if (origin === INVENTORY && deletedMs === undefined) for (const name of Object.keys(amounts)) benches.add(name);
  }
  return benches;
}

/** Brings the amounts of a lab's cluster to the benches that there are. */
export function putInventory(replica: RootReplica, { benches }: Pick<LabView, 'benches'>): Promise<void> {
  const command: Inventory = {
    kind: 'inventory',
    benches: benches.map(({ name }) => name),
    by: { actor: SYSTEM, operator: true },
    key: { id: '', fingerprint: '' },
  };
  return replica.submit(command, () => undefined);
}

function noSuchLab(lab: string, path: string): BerthError {
  return new BerthError('NO_SUCH_LAB', `${path}: there is no lab '${lab}'; labs are made by their first bench.`, {
    fields: [{ field: path, description: `there is no lab '${lab}'` }],
  });
}
