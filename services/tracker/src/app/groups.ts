import { carryOutOne, insertOnce } from '@berth/documents';
import type { By, RequestKey } from '@berth/kernel';
import { randomId, requireOwner } from '@berth/kernel';
import type { Group } from '../domain/index.js';
import { closeGroup, noSuchGroup } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import type { TrackerContext } from './tracker-context.js';

/** Opens a group; a repeat answers with the one it opened. Throws REQUEST_ID_REUSED and PERMISSION_DENIED. */
export async function openGroup(
  { collections, clock }: TrackerContext,
  { owner, description }: Pick<Group, 'owner' | 'description'>,
  key: RequestKey,
  by: By,
): Promise<Stored<Group>> {
  requireOwner(owner, by, 'open a group');
  const plan = (): Group => ({ id: randomId('gr'), owner, description, state: 'OPEN', createMs: clock.now() });
  return insertOnce(collections.groups, { key, plan });
}

/** A group that was closed, and how much in it is still live. */
export interface ClosedGroup {
  readonly group: Stored<Group>;
  readonly live: number;
}

/** Closes a group. Throws NO_SUCH_GROUP, and ILLEGAL_TRANSITION when it was closed the other way. */
export async function closeGroupOf(
  { collections, clock, settings }: TrackerContext,
  id: string,
  success: boolean,
  key: RequestKey,
  by: By,
): Promise<ClosedGroup> {
  const nowMs = clock.now();
  const plan = ({ value }: Stored<Group>): Group | undefined => {
    requireOwner(value.owner, by, 'close a group');
    return closeGroup(value, success, nowMs);
  };
  const options = { nowMs, keepAnswersMs: settings.requestIdTtlMs, notFound: noSuchGroup };
  const group = await carryOutOne(collections.groups, { id, key, plan }, options);
  const live = await collections.allocations.count({ group: id, state: { in: ['INTENT', 'ALLOCATED'] } });
  return { group, live };
}
