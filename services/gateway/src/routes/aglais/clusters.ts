import { createHash } from 'node:crypto';
import { type Berth, type Cluster, ClusterState, WhenFull } from '@berth/client';
import { randomId } from '@berth/kernel';
import { type AglaisAnswer, type AglaisCall, requestIdOf } from './aglais-call.js';
import { AMOUNTS, amountsOf, amountsView, saysAmounts } from './amounts.js';
import { DEFAULT_CLUSTER } from './selects.js';
import { type TemplateAsked, templateOf } from './templates.js';
import { DATES, datesOf, datesView } from './when.js';

const COMMON = ['name', 'clusterid', 'description', 'provisional', 'request_id'];

/** The parameters of `/clusters/create`. */
export const CLUSTER_PARAMETERS: readonly string[] = [...DATES, ...AMOUNTS, 'template', 'count', 'kind', ...COMMON];

/** The parameters of `/magcluster/create`. */
export const MAGCLUSTER_PARAMETERS: readonly string[] = [
  ...DATES,
  'masterflavor',
  'mastercount',
  'workerflavor',
  'workercount',
  ...COMMON,
];

/** What clusters of Magnum are marked as. */
export const MAGNUM = 'magnum';
const MASTER = 'master';
const WORKER = 'worker';
const SERVER = 'server';

type ClusterInput = NonNullable<Parameters<Berth['capacity']['createCluster']>[0]['cluster']>;

/** Makes a cluster of amounts, or of servers of one template. */
export async function createCluster(call: AglaisCall): Promise<AglaisAnswer> {
  const { given, faults } = call;
  const amounts = amountsOf(given);
  const template = templateOf(given, { template: 'template', count: 'count' }, faults);
  if (saysAmounts(given) === given.has('template'))
    faults.add('template', `says how big it is, or ${AMOUNTS.join(', ')} do; give one of both`);
  const kind = given.text('kind') ?? '';
  return create(call, 'cluster', { kind, amounts, parts: template ? [{ role: SERVER, ...template }] : [] });
}

/** Makes a cluster of master and worker servers. */
export async function createMagcluster(call: AglaisCall): Promise<AglaisAnswer> {
  const parts = [part(call, MASTER), part(call, WORKER)].flatMap((each) => each ?? []);
  return create(call, 'magcluster', { kind: MAGNUM, parts });
}

/** Reads a cluster. */
export async function readCluster({ berth, id }: AglaisCall): Promise<AglaisAnswer> {
  const { cluster } = await berth.capacity.getCluster({ name: id });
  if (cluster === undefined) throw new Error('GetCluster gave no cluster');
  return { status: 200, body: clusterView(cluster) };
}

function part({ given, faults }: AglaisCall, role: string): (TemplateAsked & { readonly role: string }) | undefined {
  const names = { template: `${role}flavor`, count: `${role}count` };
  given.required(names.template, 'small');
  const template = templateOf(given, names, faults);
  return template && { role, ...template };
}

async function create(call: AglaisCall, prefix: string, size: ClusterInput): Promise<AglaisAnswer> {
  const { berth, given, faults } = call;
  const range = datesOf(given, faults);
  const name = nameOf(call, prefix);
  const whenFull = given.flag('provisional') ? WhenFull.WAIT : WhenFull.UNSPECIFIED;
  const description = given.text('description') ?? '';
  faults.throwIfAny();
  const request = { cluster: { ...size, name, range, description }, whenFull, ...requestIdOf(call) };
  const { cluster } = await berth.capacity.createCluster(request);
  if (cluster === undefined) throw new Error('CreateCluster gave no cluster');
  return { status: 201, body: clusterView(cluster) };
}

/** The name of a new cluster in the one that `clusterid` names. One that is made up is the same for the same request id. */
function nameOf({ given, faults, caller }: AglaisCall, prefix: string): string {
  const parent = given.text('clusterid') ?? DEFAULT_CLUSTER;
  const name = given.text('name');
  if (name?.includes('/') === true) faults.add('name', 'is a path; name the cluster that it is a part of as clusterid');
  const requestId = given.text('request_id');
  const made = requestId === undefined ? randomId(prefix) : `${prefix}-${digest(`${caller}\0${requestId}`)}`;
  return `${parent}/${name ?? made}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function clusterView({ name, kind, state, interval, amounts, parts, description }: Cluster): object {
  const ofRole = (role: string): object => {
    const found = parts.find((each) => each.role === role);
    if (found === undefined) return {};
    const { template, templateVersion, count } = found;
    return { [`${role}flavor`]: `${template}@${String(templateVersion)}`, [`${role}count`]: count };
  };
  return {
    id: name,
    clusterid: name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : '',
    state: ClusterState[state],
    provisional: state === ClusterState.PROVISIONAL,
    ...datesView(interval),
    ...amountsView(amounts),
    ...ofRole(MASTER),
    ...ofRole(WORKER),
    ...(kind !== '' && { kind }),
    ...(description !== '' && { description }),
  };
}
