import type {
  CreateTemplateRequest,
  HideTemplateRequest,
  ResizeClusterRequest,
  UpdateClusterRequest,
  UpdateGrantRequest,
} from '@berth/proto/berth/booking/v1/capacity_service';
import type { Cluster, Grant, Part } from '@berth/proto/berth/booking/v1/cluster';
import type { Faults } from '@berth/server';
import { lineFault, listFault, MAX_NAME, nameFault, parseLabels, parseUpdateMask, proseFault } from '@berth/server';
import type { ClusterInput, GrantInput, PartInput, Patch, RangeInput } from '../app/inputs.js';
import { FOREVER_MS } from '../domain/model/cluster.js';
import { labOf, parentOf } from '../domain/model/names.js';
import {
  checkCluster,
  checkNumber,
  clusterNameFault,
  isSet,
  parseAmounts,
  parsePatch,
  parseRange,
  parseSomeAmounts,
  parseWhen,
  wordFault,
} from './parse-values.js';

const MOST_PARTS = 64;
const MOST_COUNT = 1_000_000;
const MOST_BENCHES = 1000;
const DEFAULT_CLUSTER = 'default';

/** A cluster to make by name; output-only fields are ignored. */
export function parseCluster(message: Cluster | undefined, field: string, faults: Faults): ClusterInput | undefined {
  if (message === undefined) {
    faults.add(field, 'is missing; give at least its name');
    return undefined;
  }
  const { name } = message;
  faults.require(`${field}.name`, name, clusterNameFault);
  const parent = parentOf(name) ?? '';
  if (parent === '' && /^lab(\/|$)/.test(name))
    faults.add(`${field}.name`, `is '${name}'; clusters of that name are those of labs, which Berth makes itself`);
  if (parent === '') checkRoot(message, field, faults);
  return parseFields(message, { name, parent }, field, faults);
}

/** A cluster to make for one booking, which names it. */
export function parseNewCluster(message: Cluster, field: string, faults: Faults): ClusterInput {
  const parent = message.parent || DEFAULT_CLUSTER;
  faults.check(`${field}.parent`, clusterNameFault(parent));
  if (message.name !== '') faults.add(`${field}.name`, 'must be empty: it is named after the booking; say its parent');
  return parseFields(message, { name: '', parent }, field, faults);
}

function checkRoot({ parts, amounts, limit, range }: Cluster, field: string, faults: Faults): void {
  const refuse = (path: string, given: boolean): void => {
    if (given) faults.add(`${field}.${path}`, 'is of no use for a root cluster: its size is what its grants give');
  };
  refuse('parts', parts.length > 0);
  refuse('amounts', Object.keys(amounts).length > 0);
  refuse('limit', limit !== undefined);
  refuse('range', range !== undefined);
}

function parseFields(
  message: Cluster,
  { name, parent }: Pick<ClusterInput, 'name' | 'parent'>,
  field: string,
  faults: Faults,
): ClusterInput {
  const { range } = message;
  const { parts, amounts } =
    parent === '' ? { parts: [], amounts: {} } : parseSize(message, field, `${field}.`, faults);
  return {
    name,
    parent,
    parts,
    amounts,
    ...parseFacts(message, field, faults),
    range: parent === '' ? undefined : parseRange(range, `${field}.range`, faults),
  };
}

/** The size of a cluster: amounts, or parts that make them. */
function parseSize(
  { parts, amounts }: Pick<Cluster, 'parts' | 'amounts'>,
  field: string,
  path: string,
  faults: Faults,
): Pick<ClusterInput, 'parts' | 'amounts'> {
  const some = Object.keys(amounts).length > 0;
  if (some && parts.length > 0) faults.add(field, 'has amounts and parts; exactly one of them says how big it is');
  if (!some && parts.length === 0) faults.add(field, 'says no size: give amounts or parts');
  return {
    parts: parts.length === 0 ? [] : parseParts(parts, `${path}parts`, faults),
    amounts: some && parts.length === 0 ? parseAmounts(amounts, `${path}amounts`, faults) : {},
  };
}

function parseParts(parts: readonly Part[], field: string, faults: Faults): readonly PartInput[] {
  faults.check(field, listFault(parts, 'parts', MOST_PARTS));
  const roles = new Set<string>();
  return parts.slice(0, MOST_PARTS).map(({ role, template, templateVersion, count }, i) => {
    const path = `${field}[${i}]`;
    faults.require(`${path}.role`, role, wordFault);
    if (roles.has(role)) faults.add(`${path}.role`, `is '${role}' a second time; give each part a role of its own`);
    roles.add(role);
    faults.require(`${path}.template`, template, wordFault);
    checkNumber(templateVersion, MOST_COUNT, `${path}.template_version`, faults);
    checkNumber(count, MOST_COUNT, `${path}.count`, faults);
    return { role, template, version: templateVersion, count };
  });
}

type Facts = Pick<ClusterInput, 'description' | 'owner' | 'kind' | 'units' | 'zone' | 'labels' | 'limit'>;

function parseFacts(message: Cluster, field: string, faults: Faults): Facts {
  const { description, owner, kind, units, timeZone, labels, limit } = message;
  faults.check(`${field}.description`, proseFault(description));
  faults.check(`${field}.owner`, lineFault(owner, MAX_NAME));
  faults.check(`${field}.kind`, lineFault(kind, MAX_NAME));
  faults.check(`${field}.time_zone`, lineFault(timeZone, MAX_NAME));
  return {
    description,
    owner,
    kind,
    units: parseLabels(units, `${field}.units`, faults),
    zone: timeZone,
    labels: parseLabels(labels, `${field}.labels`, faults),
    limit: limit && parseAmounts(limit.amounts, `${field}.limit.amounts`, faults),
  };
}

/** The fields of a cluster that can be changed, and what they are called inside. */
const CLUSTER_FIELDS = {
  description: 'description',
  kind: 'kind',
  units: 'units',
  time_zone: 'zone',
  limit: 'limit',
  'range.end': 'range',
  labels: 'labels',
  owner: 'owner',
} as const satisfies Record<string, keyof ClusterInput>;

/** What an update changes. Without a mask: the fields that are set. Of a range only the end is read. */
export function parseClusterPatch(request: UpdateClusterRequest, faults: Faults): Patch<ClusterInput> {
  const { cluster } = request;
  if (cluster === undefined) {
    faults.add('cluster', 'is missing; give the cluster by name, with the new values');
    return {};
  }
  faults.require('cluster.name', cluster.name, clusterNameFault);
  const { range } = cluster;
  const end = range?.end && parseWhen(range.end, 'cluster.range.end', faults);
  const wanted: RangeInput | undefined = end && {
    start: { atMs: 0 },
    end,
    zone: range.timeZone,
    path: 'cluster.range',
  };
  const input = { ...parseFacts(cluster, 'cluster', faults), range: wanted };
  const { paths, patch } = parsePatch(request.updateMask, CLUSTER_FIELDS, input, faults);
  if (paths.includes('range.end') && wanted === undefined) faults.add('cluster.range.end', 'is required');
  if (paths.includes('owner')) faults.require('cluster.owner', cluster.owner);
  return patch;
}

/** A new size of a cluster, and for when; absent = from now to its end. */
export function parseResize(
  request: ResizeClusterRequest,
  faults: Faults,
): Pick<ClusterInput, 'parts' | 'amounts'> & { readonly range: RangeInput | undefined } {
  const { name, start, end, timeZone } = request;
  faults.require('name', name, clusterNameFault);
  faults.check('time_zone', lineFault(timeZone, MAX_NAME));
  if (end !== undefined && start === undefined) faults.add('start', 'is required with an end');
  const from = start && parseWhen(start, 'start', faults);
  const until = end === undefined ? { atMs: FOREVER_MS } : parseWhen(end, 'end', faults);
  return {
    ...parseSize(request, 'amounts', '', faults),
    range: from && until && { start: from, end: until, zone: timeZone, path: '' },
  };
}

/** A grant to make, or maintenance; output-only fields are ignored. */
export function parseGrant(
  message: Grant | undefined,
  kind: GrantInput['kind'],
  field: string,
  faults: Faults,
): GrantInput | undefined {
  if (message === undefined) {
    faults.add(field, 'is missing; say how much, and when');
    return undefined;
  }
  const { cluster, amounts, benches, description, labels } = message;
  const range = parseRange(message.range, `${field}.range`, faults, { open: true });
  checkCluster(cluster, `${field}.cluster`, faults);
  checkBenches(message, kind, field, faults);
  faults.check(`${field}.description`, proseFault(description));
  const read = {
    kind,
    cluster: cluster || DEFAULT_CLUSTER,
    amounts: benches.length > 0 ? {} : parseSomeAmounts(amounts, `${field}.amounts`, faults),
    benches,
    description,
    labels: parseLabels(labels, `${field}.labels`, faults),
  };
  return range && { ...read, range };
}

function checkBenches(message: Grant, kind: GrantInput['kind'], field: string, faults: Faults): void {
  const { cluster, amounts, benches } = message;
  const path = `${field}.benches`;
  const lab = labOf(cluster) !== undefined && parentOf(cluster) === undefined;
  if (kind === 'capacity' && lab)
    faults.add(
      `${field}.cluster`,
      `is '${cluster}', which has what the inventory of that lab has; nothing is granted to it`,
    );
  if (benches.length === 0) return;
  if (kind === 'capacity') faults.add(path, 'is of no use here: benches come from the inventory');
  else if (!lab)
    faults.add(`${field}.cluster`, `is '${cluster || DEFAULT_CLUSTER}'; benches are of a lab, so write lab/<lab>`);
  if (Object.keys(amounts).length > 0) faults.add(path, 'come with amounts; give one of both');
  if (benches.length > MOST_BENCHES) faults.add(path, `has ${benches.length} benches; at most ${MOST_BENCHES}`);
  for (const [i, bench] of benches.entries()) faults.check(`${path}[${i}]`, nameFault(bench));
}

const GRANT_PATHS = ['amounts', 'range', 'description', 'labels'] as const;

/** What an update of a grant changes. Without a mask: the fields that are set. */
export function parseGrantPatch(request: UpdateGrantRequest, faults: Faults): Patch<GrantInput> {
  const { grant } = request;
  if (grant === undefined) {
    faults.add('grant', 'is missing; give the grant by id, with the new values');
    return {};
  }
  const { amounts, range, description, labels } = grant;
  faults.require('grant.id', grant.id, (id) => lineFault(id, MAX_NAME));
  const paths = parseUpdateMask(request.updateMask, GRANT_PATHS, (path) => isSet(grant[path]), faults);
  faults.check('grant.description', proseFault(description));
  const input: Patch<GrantInput> = {
    amounts: paths.includes('amounts') ? parseSomeAmounts(amounts, 'grant.amounts', faults) : null,
    range: paths.includes('range') ? (parseRange(range, 'grant.range', faults, { open: true }) ?? null) : null,
    description,
    labels: parseLabels(labels, 'grant.labels', faults),
  };
  return Object.fromEntries(paths.map((path) => [path, input[path]]));
}

/** A template to make, or its next version. */
export function parseTemplate(
  { template }: CreateTemplateRequest,
  faults: Faults,
): { readonly name: string; readonly amounts: Readonly<Record<string, number>>; readonly description: string } {
  if (template === undefined) faults.add('template', 'is missing; give its name and amounts');
  const { name = '', amounts = {}, description = '' } = template ?? {};
  if (template !== undefined) {
    faults.require('template.name', name, wordFault);
    faults.check('template.description', proseFault(description));
    return { name, amounts: parseSomeAmounts(amounts, 'template.amounts', faults), description };
  }
  return { name, amounts, description };
}

/** The template to hide; version 0 = all of them. */
export function parseHide(
  { name, version }: HideTemplateRequest,
  faults: Faults,
): { readonly name: string; readonly version: number } {
  faults.require('name', name, wordFault);
  checkNumber(version, MOST_COUNT, 'version', faults);
  return { name, version };
}
