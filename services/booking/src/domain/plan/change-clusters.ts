import { invalidField, requireOwner } from '@berth/kernel';
import type { By } from '@berth/kernel';
import { isOver } from '../model/booking.js';
import type { DeleteCluster, ResizeCluster, UpdateCluster } from '../model/commands.js';
import type { Cluster, Size } from '../model/cluster.js';
import type { Done } from '../model/ledger.js';
import { sizePieces } from '../state/pieces.js';
import { isBuiltIn } from '../state/root-cluster.js';
import { followSize, readSize, requireInside, requireLimit } from './clusters.js';
import type { Draft } from './draft.js';
import { closeCluster, freeBooking, toCome } from './free-booking.js';
import { shortfallOf } from './lacking.js';
import { readAmounts, requireKnown } from './read-amounts.js';
import { openCluster, requireRange, requireStart } from './read-spans.js';
import { noCapacity, refusedField, requireEtag } from './refusals.js';

/** A cluster that the caller may change, as it saw it. */
function ownCluster(draft: Draft, name: string, by: By, etag: string | undefined): Cluster {
  const cluster = openCluster(draft.state, name, 'cluster.name');
  requireOwner(cluster.owner, by, `change cluster '${name}'`, { type: 'berth.dev/Cluster', name });
  requireEtag('Cluster', name, cluster.version, etag);
  return cluster;
}

type Child = Cluster & Required<Pick<Cluster, 'parent' | 'startMs' | 'endMs'>>;

function requireChild(cluster: Cluster, field: string): Child {
  const { parent, startMs, endMs } = cluster;
  if (parent === undefined || startMs === undefined || endMs === undefined) {
    throw invalidField(field, `'${cluster.name}' is a root cluster: its size is what its grants give.`);
  }
  return { ...cluster, parent, startMs, endMs };
}

/** Puts a changed child with its booking, if its parent and what is in it have room. */
function admitChild(draft: Draft, cluster: Omit<Cluster, 'version' | 'updatedMs'>, force: boolean): Done {
  const { name, booking = '' } = cluster;
  const admitted = draft.admit(() => followSize(draft, draft.putCluster(cluster)), force ? name : undefined);
  if ('lacking' in admitted) throw noCapacity(shortfallOf(draft.state, admitted.lacking, [], [booking]));
  return { id: name, bookings: booking === '' ? [] : [booking] };
}

/** Gives a child another size for a time. Its shares follow; so does its parent's booking where it has no limit. */
export function planResizeCluster(draft: Draft, command: ResizeCluster): Done {
  const { name, by, etag, force } = command;
  const { nowMs, state } = draft;
  const cluster = requireChild(ownCluster(draft, name, by, etag), 'name');
  requireStart(state, command.startMs, nowMs, by, 'start');
  const startMs = Math.max(by.operator ? command.startMs : Math.max(command.startMs, nowMs), cluster.startMs);
  const endMs = command.endMs ?? cluster.endMs;
  requireRange(startMs, endMs, 'end');
  if (endMs > cluster.endMs)
    throw refusedField('INVALID_RANGE', 'end', `cluster '${name}' ends before it; extend it first`);
  const { amounts, parts } = command;
  const read = readSize(state, cluster.parent, parts.length > 0 ? { parts } : { amounts }, 'size');
  requireLimit(name, read.amounts, cluster.limit, 'size');
  const size: Size = { startMs, endMs, ...read, actor: by.actor.name, createdMs: nowMs };
  return admitChild(draft, { ...cluster, sizes: [...cluster.sizes, size] }, force);
}

/** Changes what a cluster is, its limit, or its end. */
export function planUpdateCluster(draft: Draft, command: UpdateCluster): Done {
  const { name, by, etag, change } = command;
  const before = ownCluster(draft, name, by, etag);
  const { limit, endMs, ...rest } = change;
  let cluster: Omit<Cluster, 'version' | 'updatedMs'> = { ...before, ...rest };
  if (limit !== undefined) cluster = withLimit(draft, requireChild(before, 'cluster.limit'), cluster, limit);
  if (endMs !== undefined) cluster = withEnd(draft, requireChild(before, 'cluster.range'), cluster, endMs);
  return admitChild(draft, cluster, false);
}

type Changed = Omit<Cluster, 'version' | 'updatedMs'>;

function withLimit({ state, nowMs }: Draft, child: Child, changed: Changed, given: Cluster['limit'] | null): Changed {
  const { limit: _, ...rest } = changed;
  if (given === null || given === undefined) return rest;
  const limit = readAmounts(given, 'cluster.limit');
  requireKnown(state, child.parent, limit, 'cluster.limit');
  for (const { endMs, amounts } of sizePieces(child))
    if (endMs > nowMs) requireLimit(child.name, amounts, limit, 'cluster.limit');
  return { ...rest, limit };
}

/** Another end; until then the last size lasts. */
function withEnd({ state, nowMs }: Draft, child: Child, changed: Changed, endMs: number): Changed {
  const path = 'cluster';
  requireRange(Math.max(child.startMs, nowMs), endMs, `${path}.range.end`);
  const parent = openCluster(state, child.parent);
  requireInside(parent, child.startMs, endMs, path);
  const last = sizePieces(child).at(-1)?.size;
  if (endMs <= child.endMs || last === undefined) return { ...changed, endMs };
  const further: Size = { ...last, startMs: child.endMs, endMs };
  return { ...changed, endMs, sizes: [...changed.sizes, further] };
}

/** Deletes a cluster. With `force` what is to come in it is cancelled; else it must be empty. */
export function planDeleteCluster(draft: Draft, command: DeleteCluster): Done {
  const { name, by, etag, force } = command;
  const { state, nowMs } = draft;
  const cluster = ownCluster(draft, name, by, etag);
  if (cluster.parent === undefined && isBuiltIn(name))
    throw invalidField('name', `'${name}' belongs to Berth and stays.`);
  const inside = toCome(draft, name);
  if (inside.length > 0 && !force) {
    const ids = inside.slice(0, 20).map(({ id }) => id);
    const has = `cluster '${name}' has ${String(inside.length)} bookings to come, '${ids[0] ?? ''}' first`;
    throw refusedField('CLUSTER_IN_USE', 'name', `${has}; cancel them, or force it`, { bookings: ids.join(',') });
  }
  const own = state.bookings.get(cluster.booking ?? '');
  if (own !== undefined && !isOver(own, nowMs)) {
    freeBooking(draft, own, { to: 'CANCELLED', why: 'its cluster was deleted' });
    return { id: name, bookings: [own.id] };
  }
  for (const grant of state.grants.values()) {
    if (grant.cluster === name && grant.deletedMs === undefined) draft.putGrant({ ...grant, deletedMs: nowMs });
  }
  closeCluster(draft, name, '');
  return { id: name, bookings: [] };
}
