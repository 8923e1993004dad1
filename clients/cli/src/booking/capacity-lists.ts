import { type Cluster, ClusterState, type Grant, GrantKind, type Size, type Template } from '@berth/client';
import { clockText, type Column, enumWords } from '@berth/views';
import { amountsText } from './amount-options.js';
import { intervalText } from './booking-view.js';

function partsText({ parts }: Pick<Cluster, 'parts'>): string {
  return parts
    .map(
      ({ role, template, templateVersion, count }) =>
        `${role}: ${String(count)} × ${template}@${String(templateVersion)}`,
    )
    .join(', ');
}

/** The columns of a list of clusters. */
export function clusterColumns(now: Date): readonly Column<Cluster>[] {
  return [
    { title: 'CLUSTER', text: ({ name }) => name },
    { title: 'STATE', text: ({ state }) => enumWords(ClusterState, state) },
    { title: 'KIND', text: ({ kind }) => kind },
    { title: 'OWNER', text: ({ owner }) => owner },
    { title: 'SIZE', text: ({ amounts }) => amountsText(amounts) },
    { title: 'LIMIT', text: ({ limit }) => (limit ? amountsText(limit.amounts) : '') },
    { title: 'WHEN', text: ({ interval }) => (interval ? intervalText(interval, now) : '') },
    { title: 'WHAT', text: ({ description }) => description },
  ];
}

/** A cluster as facts for people. */
export function clusterFacts(cluster: Cluster, now: Date): readonly (readonly [string, string])[] {
  const { units, interval, limit, labels, exclusiveBooking, createTime } = cluster;
  return [
    ['cluster', cluster.name],
    ['what', cluster.description],
    ['state', enumWords(ClusterState, cluster.state)],
    ['kind', cluster.kind],
    ['owner', cluster.owner],
    ['zone', cluster.timeZone],
    ['when', interval ? intervalText(interval, now) : ''],
    ['size', amountsText(cluster.amounts)],
    ['parts', partsText(cluster)],
    ['limit', limit ? amountsText(limit.amounts) : ''],
    ['units', pairsText(units)],
    ['booking', cluster.booking],
    ['only for', exclusiveBooking],
    ['labels', pairsText(labels)],
    ['made', createTime ? clockText(createTime, now) : ''],
  ];
}

function pairsText(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

/** A cluster as `-o json` and `-o yaml` show it. */
export function clusterView(cluster: Cluster) {
  const { name, description, owner, kind, units, timeZone, parts, amounts, limit, interval, labels } = cluster;
  return {
    name,
    description: description || undefined,
    state: enumWords(ClusterState, cluster.state),
    kind: kind || undefined,
    owner: owner || undefined,
    timeZone,
    units,
    start: interval?.startTime,
    end: interval?.endTime,
    amounts,
    parts: parts.length === 0 ? undefined : parts,
    limit: limit?.amounts,
    booking: cluster.booking || undefined,
    exclusiveBooking: cluster.exclusiveBooking || undefined,
    origin: cluster.origin || undefined,
    labels,
    createTime: cluster.createTime,
    updateTime: cluster.updateTime,
    etag: cluster.etag,
  };
}

/** The columns of a list of sizes. */
export function sizeColumns(now: Date): readonly Column<Size>[] {
  return [
    { title: 'WHEN', text: ({ interval }) => intervalText(interval, now) },
    { title: 'SIZE', text: ({ amounts }) => amountsText(amounts) },
    { title: 'PARTS', text: partsText },
    { title: 'BY', text: ({ actor }) => actor?.name ?? '' },
  ];
}

/** A size as `-o json` and `-o yaml` show it. */
export function sizeView({ interval, amounts, parts, actor, createTime, partial }: Size) {
  return {
    start: interval?.startTime,
    end: interval?.endTime,
    partial: partial || undefined,
    amounts,
    parts: parts.length === 0 ? undefined : parts,
    by: actor?.name,
    createTime,
  };
}

/** The columns of a list of grants. */
export function grantColumns(now: Date): readonly Column<Grant>[] {
  return [
    { title: 'GRANT', text: ({ id }) => id },
    { title: 'KIND', text: ({ kind }) => enumWords(GrantKind, kind) },
    { title: 'CLUSTER', text: ({ cluster }) => cluster },
    {
      title: 'HOW MUCH',
      text: ({ amounts, benches }) => (benches.length > 0 ? benches.join(', ') : amountsText(amounts)),
    },
    { title: 'WHEN', text: ({ interval }) => intervalText(interval, now) },
    { title: 'DELETED', text: ({ deleteTime }) => (deleteTime ? clockText(deleteTime, now) : '') },
    { title: 'BY', text: ({ actor }) => actor?.name ?? '' },
    { title: 'WHAT', text: ({ description, origin }) => description || origin },
  ];
}

/** A grant as facts for people. */
export function grantFacts(grant: Grant, now: Date): readonly (readonly [string, string])[] {
  return grantColumns(now).map(({ title, text }) => [title.toLowerCase(), text(grant)]);
}

/** A grant as `-o json` and `-o yaml` show it. */
export function grantView({
  id,
  cluster,
  kind,
  amounts,
  benches,
  interval,
  description,
  origin,
  labels,
  ...rest
}: Grant) {
  return {
    id,
    cluster,
    kind: enumWords(GrantKind, kind),
    amounts,
    benches: benches.length === 0 ? undefined : benches,
    start: interval?.startTime,
    end: interval?.endTime,
    description: description || undefined,
    origin: origin || undefined,
    labels,
    by: rest.actor?.name,
    createTime: rest.createTime,
    updateTime: rest.updateTime,
    deleteTime: rest.deleteTime,
    etag: rest.etag,
  };
}

/** The columns of a list of templates. */
export const TEMPLATE_COLUMNS: readonly Column<Template>[] = [
  { title: 'TEMPLATE', text: templateName },
  { title: 'HOW MUCH', text: ({ amounts }) => amountsText(amounts) },
  { title: '', text: ({ hidden }) => (hidden ? 'hidden' : '') },
  { title: 'BY', text: ({ actor }) => actor?.name ?? '' },
  { title: 'WHAT', text: ({ description }) => description },
];

/** A template with its version: `small@2`. */
export function templateName({ name, version }: Template): string {
  return `${name}@${String(version)}`;
}

/** A template as `-o json` and `-o yaml` show it. */
export function templateView({ name, version, amounts, description, hidden, actor, createTime }: Template) {
  return {
    name,
    version,
    amounts,
    description: description || undefined,
    hidden: hidden || undefined,
    by: actor?.name,
    createTime,
  };
}
