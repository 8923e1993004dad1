import type {
  Cluster as ClusterMessage,
  Grant as GrantMessage,
  Part as PartMessage,
  Size as SizeMessage,
  Template as TemplateMessage,
} from '@berth/proto/berth/booking/v1/cluster';
import { ClusterState, GrantKind } from '@berth/proto/berth/booking/v1/cluster';
import { dateOf } from '@berth/server';
import type { Cluster, Grant, Part, Size, Template } from '../domain/model/cluster.js';
import { rootOf } from '../domain/model/names.js';
import { etagOf } from '../domain/plan/refusals.js';
import { actorNamed, amountsOf, intervalOf, rangeOf } from './values-to-proto.js';

/** A cluster as it stands at an instant, in a state. */
export function clusterOf(cluster: Cluster, state: 'OPEN' | 'PROVISIONAL' | 'CLOSED', nowMs: number): ClusterMessage {
  const { sizes, limit, version, startMs, endMs } = cluster;
  const whole = startMs === undefined || endMs === undefined ? undefined : { startMs, endMs };
  const size = sizeAt(sizes, whole === undefined ? nowMs : Math.min(Math.max(nowMs, whole.startMs), whole.endMs - 1));
  return {
    name: cluster.name,
    description: cluster.description,
    parent: cluster.parent ?? '',
    root: rootOf(cluster.name),
    owner: cluster.owner,
    kind: cluster.kind,
    units: { ...cluster.units },
    timeZone: cluster.timeZone,
    parts: (size?.parts ?? []).map(partOf),
    amounts: amountsOf(size?.amounts ?? {}),
    limit: limit && { amounts: amountsOf(limit) },
    range: whole && rangeOf(whole),
    interval: whole && intervalOf(whole),
    booking: cluster.booking ?? '',
    exclusiveBooking: cluster.exclusiveBooking ?? '',
    origin: cluster.origin,
    labels: { ...cluster.labels },
    state: ClusterState[state],
    createTime: new Date(cluster.createdMs),
    updateTime: new Date(cluster.updatedMs),
    etag: etagOf({ version }),
  };
}

/** The size in force at an instant: of those that overlap it, the one that was set last. */
function sizeAt(sizes: readonly Size[], atMs: number): Size | undefined {
  return sizes.findLast(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
}

function partOf({ role, template, templateVersion, count, amounts }: Part): PartMessage {
  return { role, template, templateVersion, count, amounts: amountsOf(amounts) };
}

/** A period of a cluster's size, or a block; those of root clusters were set by nobody. */
export function sizeOf(size: Size & { readonly partial: boolean }): SizeMessage {
  const { amounts, parts, actor, createdMs, partial } = size;
  const set = actor !== '';
  return {
    interval: intervalOf(size),
    amounts: amountsOf(amounts),
    parts: parts.map(partOf),
    actor: set ? actorNamed(actor) : undefined,
    createTime: set ? new Date(createdMs) : undefined,
    partial,
  };
}

/** A grant, or maintenance. Of benches each is an amount of 1, by name. */
export function grantOf(grant: Grant): GrantMessage {
  const { kind, amounts, origin } = grant;
  const benches = kind === 'MAINTENANCE' && rootOf(grant.cluster).startsWith('lab/') ? Object.keys(amounts).sort() : [];
  return {
    id: grant.id,
    cluster: grant.cluster,
    kind: GrantKind[kind],
    amounts: amountsOf(amounts),
    range: rangeOf(grant),
    interval: intervalOf(grant),
    benches,
    description: grant.description,
    origin,
    labels: { ...grant.labels },
    actor: actorNamed(grant.actor),
    createTime: new Date(grant.createdMs),
    updateTime: new Date(grant.updatedMs),
    deleteTime: dateOf(grant.deletedMs),
    etag: etagOf(grant),
  };
}

/** A version of a template. */
export function templateOf(template: Template): TemplateMessage {
  const { name, version, amounts, description, hidden, actor, createdMs } = template;
  return {
    name,
    version,
    amounts: amountsOf(amounts),
    description,
    hidden,
    actor: actorNamed(actor),
    createTime: new Date(createdMs),
  };
}
