import type { By } from '@berth/kernel';
import { invalidField, requireOwner } from '@berth/kernel';
import type { Booking, BookingWishes, Shortfall, Span } from '../model/booking.js';
import type { ClusterAsk, CreateCluster } from '../model/commands.js';
import type { Cluster, Size } from '../model/cluster.js';
import type { Done } from '../model/ledger.js';
import { amountOf, clipSpans, joined, sizePieces, sum } from '../state/pieces.js';
import { labOf } from '../model/names.js';
import type { RootState } from '../state/root-state.js';
import type { Amounts } from '../timeline/rows.js';
import type { Draft } from './draft.js';
import { Lacks } from './draft.js';
import { shortfallOf } from './lacking.js';
import { closedOf, putFirm, putWaiting } from './place.js';
import { readAmounts, requireKnown } from './read-amounts.js';
import { openCluster, requireRange, requireStart } from './read-spans.js';
import { noCapacity, refusedField } from './refusals.js';

/** How deep children lie in each other. */
const DEEPEST = 8;

/** How a child is made. */
export interface Making {
  readonly by: By;
  /** The id of its booking on its parent. */
  readonly bookingId: string;
  /** The one booking that may use it. */
  readonly exclusiveBooking?: string;
  /** Its booking waits for room. */
  readonly waits: boolean;
  readonly whenFull: BookingWishes['whenFull'];
  readonly priority: number;
  readonly shortfall?: Shortfall;
}

/** Makes a cluster; a child takes its size, or its limit, from its parent in the same step. */
export function planCreateCluster(draft: Draft, command: CreateCluster): Done {
  const { cluster: ask, by, bookingId, whenFull, priority } = command;
  if (ask.parent === undefined) return createRoot(draft, ask);
  const making = { by, bookingId, waits: false, whenFull, priority };
  const firm = draft.admit(() => putChild(draft, ask, making, 'cluster'));
  const done = { id: ask.name, bookings: [bookingId] };
  if ('made' in firm) return done;
  const shortfall = shortfallOf(draft.state, firm.lacking);
  if (whenFull === 'REFUSE' || (ask.startMs ?? 0) <= draft.nowMs) throw noCapacity(shortfall);
  putChild(draft, ask, { ...making, waits: true, shortfall }, 'cluster');
  return done;
}

function createRoot(draft: Draft, ask: ClusterAsk): Done {
  requireNew(draft.state, ask.name, 'cluster.name');
  if (ask.name !== draft.state.root) throw invalidField('cluster.name', `is not the root '${draft.state.root}'.`);
  for (const field of ['startMs', 'endMs', 'amounts', 'parts', 'limit'] as const) {
    if (ask[field] === undefined) continue;
    throw invalidField(`cluster.${field}`, 'is of children only: the size of a root cluster is what its grants give.');
  }
  draft.putCluster({ ...described(ask), sizes: [], origin: '', createdMs: draft.nowMs });
  return { id: ask.name, bookings: [] };
}

function described({ name, description, owner, kind, units, timeZone, labels }: ClusterAsk) {
  return { name, description, owner, kind, units, timeZone, labels };
}

/**
 * Puts a child and its booking on its parent. Whether the parent has room is left to the one that calls. Throws what is wrong
 * with it; `path` is the field that it comes from.
 */
export function putChild(draft: Draft, ask: ClusterAsk, making: Making, path: string): Cluster {
  const { state, nowMs } = draft;
  const { name, parent: parentName = '', startMs = 0, endMs = 0 } = ask;
  const { by, bookingId, exclusiveBooking, waits } = making;
  requireOwner(ask.owner, by, 'make a cluster in the name');
  requireNew(state, name, `${path}.name`);
  const parent = requireParent(state, parentName, path);
  requireRange(startMs, endMs, `${path}.range`);
  requireStart(state, startMs, nowMs, by, `${path}.range.start`);
  requireInside(parent, startMs, endMs, path);
  const { amounts, parts } = readSize(state, parentName, ask, path);
  const limit = ask.limit && readAmounts(ask.limit, `${path}.limit`);
  if (limit !== undefined) requireKnown(state, parentName, limit, `${path}.limit`);
  requireLimit(name, amounts, limit, path);
  const size: Size = { startMs, endMs, amounts, parts, actor: by.actor.name, createdMs: nowMs };
  const cluster = draft.putCluster({
    ...described(ask),
    parent: parentName,
    startMs,
    endMs,
    sizes: [size],
    ...(limit && { limit }),
    booking: bookingId,
    ...(exclusiveBooking !== undefined && { exclusiveBooking }),
    origin: '',
    createdMs: nowMs,
  });
  putOwnBooking(draft, cluster, making);
  if (waits) return cluster;
  const closed = closedOf(draft, spansOf(cluster));
  if (closed !== undefined) throw new Lacks(closed);
  return cluster;
}

function putOwnBooking(draft: Draft, cluster: Cluster, making: Making): void {
  const { name, owner, description, labels } = cluster;
  const { by, bookingId: id, whenFull, priority, waits, shortfall } = making;
  const wishes = { owner, description, labels, whenFull, priority };
  const created = { degraded: false, reason: '', actor: by.actor.name, createdMs: draft.nowMs };
  const booking = { id, ...wishes, ...created, child: name };
  const spans = spansOf(cluster);
  if (waits) putWaiting(draft, booking, spans, shortfall);
  else putFirm(draft, booking, spans, { to: 'BOOKED', back: 'CANCELLED' });
}

/** What a child takes from its parent: its limit, or its size. */
export function spansOf(cluster: Cluster): readonly Span[] {
  const { parent = '', startMs = 0, endMs = 0, limit } = cluster;
  if (limit !== undefined) return [{ cluster: parent, startMs, endMs, amounts: limit }];
  const spans = sizePieces(cluster).map((piece) => ({
    cluster: parent,
    startMs: piece.startMs,
    endMs: piece.endMs,
    amounts: piece.amounts,
  }));
  return joined(spans);
}

/** Lets the booking of a changed child follow. What is over stays as it was. */
export function followSize(draft: Draft, cluster: Cluster): void {
  const booking = draft.state.bookings.get(cluster.booking ?? '');
  if (booking === undefined) return;
  const { nowMs } = draft;
  const spans = joined([
    ...clipSpans(booking.spans, -Infinity, nowMs),
    ...clipSpans(spansOf(cluster), nowMs, Infinity),
  ]);
  if (sameSpans(booking, spans)) return;
  draft.putBooking({ ...booking, spans });
  draft.roomIn.add(cluster.parent ?? '');
}

function sameSpans(booking: Booking, spans: readonly Span[]): boolean {
  return JSON.stringify(booking.spans) === JSON.stringify(spans);
}

/** The size that is asked for, by amounts or by parts. */
export function readSize(
  state: RootState,
  parent: string,
  { amounts, parts = [] }: Pick<ClusterAsk, 'amounts' | 'parts'>,
  path: string,
): Pick<Size, 'amounts' | 'parts'> {
  const byParts = parts.length > 0;
  if (byParts === (amounts !== undefined && Object.keys(amounts).length > 0)) {
    throw invalidField(`${path}.amounts`, 'says not exactly one of amounts and parts; give one of them.');
  }
  const roles = new Set(parts.map(({ role }) => role));
  if (roles.size < parts.length) throw invalidField(`${path}.parts`, 'has a role twice.');
  const size = readAmounts(byParts ? sum(parts) : (amounts ?? {}), byParts ? `${path}.parts` : `${path}.amounts`);
  requireKnown(state, parent, size, byParts ? `${path}.parts` : `${path}.amounts`);
  return { amounts: size, parts };
}

/** Throws CLUSTER_LIMIT when a size goes beyond the limit that was given. */
export function requireLimit(name: string, size: Amounts, limit: Amounts | undefined, path: string): void {
  if (limit === undefined) return;
  for (const [amount, value] of Object.entries(size)) {
    const most = amountOf(limit, amount);
    if (value <= most) continue;
    const description = `cluster '${name}' may take at most ${String(most)} ${amount} from its parent, and ${String(value)} are asked for; raise its limit first`;
    const metadata = { cluster: name, amount, limit: String(most), shortfall: String(value - most) };
    throw refusedField('CLUSTER_LIMIT', `${path}.amounts[${amount}]`, description, metadata);
  }
}

function requireNew(state: RootState, name: string, path: string): void {
  if (!state.clusters.has(name)) return;
  throw refusedField('CLUSTER_EXISTS', path, `there is a cluster '${name}' already, or was one; take another name`);
}

function requireParent(state: RootState, name: string, path: string): Cluster {
  const parent = openCluster(state, name, `${path}.parent`);
  if (labOf(state.root) !== undefined)
    throw invalidField(`${path}.parent`, `'${name}' stands for a lab, whose benches are booked one by one.`);
  if (parent.exclusiveBooking !== undefined) {
    throw refusedField(
      'CLUSTER_EXCLUSIVE',
      `${path}.parent`,
      `'${name}' is for booking '${parent.exclusiveBooking}' only`,
    );
  }
  let depth = 1;
  for (let above = state.clusters.get(parent.parent ?? ''); above !== undefined; depth += 1) {
    above = state.clusters.get(above.parent ?? '');
  }
  if (depth <= DEEPEST) return parent;
  throw refusedField(
    'CLUSTER_TOO_DEEP',
    `${path}.parent`,
    `'${name}' lies ${String(DEEPEST)} deep already, and no cluster lies deeper`,
  );
}

/** Throws INVALID_RANGE when a child is to be there before its parent, or after it. */
export function requireInside(parent: Cluster, startMs: number, endMs: number, path: string): void {
  const { name, startMs: fromMs = -Infinity, endMs: untilMs = Infinity } = parent;
  if (startMs < fromMs)
    throw refusedField('INVALID_RANGE', `${path}.range.start`, `its parent '${name}' begins after it`);
  if (endMs > untilMs) throw refusedField('INVALID_RANGE', `${path}.range.end`, `its parent '${name}' ends before it`);
}
