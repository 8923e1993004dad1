import { invalidField } from '@berth/kernel';
import type { CreateGrant, DeleteGrant, Inventory, UpdateGrant } from '../model/commands.js';
import type { Grant } from '../model/cluster.js';
import { FOREVER_MS } from '../model/cluster.js';
import type { Done } from '../model/ledger.js';
import { labOf } from '../model/names.js';
import type { Draft } from './draft.js';
import { shortfallOf } from './lacking.js';
import { readSomeAmounts, requireKnown } from './read-amounts.js';
import { openCluster, requireRange, START_GRACE_MS } from './read-spans.js';
import { noCapacity, noSuchGrant, requireEtag } from './refusals.js';

/** Adds capacity to a root cluster, or takes some from any cluster (maintenance, always admitted). */
export function planCreateGrant(draft: Draft, { id, grant, by }: CreateGrant): Done {
  const { state, nowMs } = draft;
  const { cluster: name, kind, startMs, endMs, description, labels } = grant;
  const path = kind === 'MAINTENANCE' ? 'maintenance' : 'grant';
  const cluster = openCluster(state, name, `${path}.cluster`);
  requireRange(startMs, endMs, `${path}.range`);
  const amounts = readSomeAmounts(grant.amounts, `${path}.amounts`);
  if (kind === 'MAINTENANCE') requireKnown(state, name, amounts, `${path}.amounts`);
  else if (cluster.parent !== undefined)
    throw invalidField('grant.cluster', `'${name}' is a child: resize it instead.`);
  else if (labOf(name) !== undefined)
    throw invalidField('grant.cluster', `'${name}' follows the inventory of its lab.`);
  const origin = '';
  const actor = by.actor.name;
  draft.putGrant({
    id,
    cluster: name,
    kind,
    startMs,
    endMs,
    amounts,
    description,
    origin,
    labels,
    actor,
    createdMs: nowMs,
  });
  return { id, bookings: [] };
}

/** Changes a grant as far as firm bookings allow, or with force. */
export function planUpdateGrant(draft: Draft, { id, change, etag, force }: UpdateGrant): Done {
  const before = ownGrant(draft, id, etag);
  const { amounts: given, ...rest } = change;
  const grant = { ...before, ...rest, ...(given && { amounts: readSomeAmounts(given, 'grant.amounts') }) };
  requireRange(grant.startMs, grant.endMs, 'grant.range');
  return admitGrant(draft, grant, force);
}

/** Ends a grant now, as far as firm bookings allow, or with force. What it gave before stays. */
export function planDeleteGrant(draft: Draft, { id, etag, force }: DeleteGrant): Done {
  const before = ownGrant(draft, id, etag);
  return admitGrant(draft, { ...before, deletedMs: draft.nowMs }, force);
}

function ownGrant({ state }: Draft, id: string, etag: string | undefined): Grant {
  const grant = state.grants.get(id);
  if (grant === undefined || grant.deletedMs !== undefined) throw noSuchGrant(id);
  requireEtag('Grant', id, grant.version, etag);
  if (grant.origin !== '') throw invalidField('grant.id', `it follows the ${grant.origin} of a lab.`);
  return grant;
}

function admitGrant(draft: Draft, grant: Grant, force: boolean): Done {
  const forced = force || grant.kind === 'MAINTENANCE' ? grant.cluster : undefined;
  const admitted = draft.admit(() => draft.putGrant(grant), forced);
  if ('lacking' in admitted) throw noCapacity(shortfallOf(draft.state, admitted.lacking));
  return { id: grant.id, bookings: [] };
}

/**
 * Lets the amounts of a lab's cluster follow its inventory: a grant of 1 for each bench from when it was seen first, or a little
 * before, since a booking that begins now is asked for a moment before the bench is seen for it.
 */
export function planInventory(draft: Draft, { benches, by }: Inventory): Done {
  const { state, nowMs } = draft;
  const { root } = state;
  const missing = new Map(benches.map((bench) => [bench, nowMs - START_GRACE_MS]));
  const gone: Grant[] = [];
  for (const grant of state.grants.values()) {
    const [bench = ''] = Object.keys(grant.amounts);
    const startMs = missing.get(bench);
    if (grant.origin !== 'inventory') continue;
    if (grant.deletedMs === undefined) {
      if (!missing.delete(bench)) gone.push(grant);
    } else if (startMs !== undefined) missing.set(bench, Math.max(startMs, grant.deletedMs));
  }
  for (const grant of gone) draft.putGrant({ ...grant, deletedMs: nowMs });
  for (const [bench, startMs] of [...missing].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const what = {
      cluster: root,
      kind: 'CAPACITY',
      amounts: { [bench]: 1 },
      description: '',
      origin: 'inventory',
    } as const;
    const facts = { startMs, endMs: FOREVER_MS, createdMs: nowMs, labels: {}, actor: by.actor.name };
    draft.putGrant({ id: `gr-${bench}-${String(nowMs)}`, ...what, ...facts });
  }
  return { id: root, bookings: [] };
}
