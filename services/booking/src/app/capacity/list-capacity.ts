import type { Cluster, Grant, Template } from '../../domain/model/cluster.js';
import type { RootState } from '../../domain/state/root-state.js';
import { overlap } from '../../domain/time/interval.js';
import type { BookingContext } from '../booking-context.js';
import type { FoundPage } from '../booking-app.js';
import type { PageInput, RangeInput } from '../inputs.js';
import { intervalOf } from '../resolve/resolve-times.js';
import { DEFAULT_ROOT } from '../roots/roots.js';

const VERSION_DIGITS = 10;

/** Clusters by name. */
export async function listClusters(
  { roots }: BookingContext,
  filter: { readonly parent: string; readonly owner: string; readonly closed: boolean },
  page: PageInput,
): Promise<FoundPage<Cluster>> {
  const { parent, owner, closed } = filter;
  const isAsked = (cluster: Cluster): boolean =>
    (parent === '' || cluster.parent === parent) &&
    (owner === '' || cluster.owner === owner) &&
    (closed || cluster.deletedMs === undefined);
  const look = ({ clusters }: RootState): Cluster[] => [...clusters.values()].filter(isAsked);
  if (parent !== '') return pageOf(await (await roots.of(parent, 'parent')).read(look), ({ name }) => name, page);
  await roots.refresh();
  const found = await Promise.all(roots.all.map((replica) => replica.read(look)));
  return pageOf(found.flat(), ({ name }) => name, page);
}

/** Grants and maintenance by id: those made first come first. */
export async function listGrants(
  context: BookingContext,
  filter: { readonly cluster: string; readonly range?: RangeInput | undefined; readonly deleted: boolean },
  page: PageInput,
): Promise<FoundPage<Grant>> {
  const { roots } = context;
  const { cluster, range, deleted } = filter;
  const name = cluster === '' ? DEFAULT_ROOT : cluster;
  const replica = await roots.of(name, 'cluster');
  const interval = range && (await intervalOf(context, replica, name, range));
  const isAsked = (grant: Grant): boolean =>
    (cluster === '' || grant.cluster === cluster) &&
    (deleted || grant.deletedMs === undefined) &&
    (interval === undefined || overlap(grant, interval));
  const look = ({ grants }: RootState): Grant[] => [...grants.values()].filter(isAsked);
  await roots.refresh();
  const replicas = cluster === '' ? roots.all : [replica];
  const found = await Promise.all(replicas.map((one) => one.read(look)));
  return pageOf(found.flat(), ({ id }) => id, page);
}

/** Templates by name; with a name all its versions, else the newest of each. */
export async function listTemplates(
  { roots }: BookingContext,
  { name, hidden }: { readonly name: string; readonly hidden: boolean },
  page: PageInput,
): Promise<FoundPage<Template>> {
  const replica = await roots.of(DEFAULT_ROOT);
  const found = await replica.read(({ templates }) => {
    const told = (versions: readonly Template[]) => versions.filter((template) => hidden || !template.hidden);
    if (name !== '') return told(templates.get(name) ?? []);
    return [...templates.values()].flatMap((versions) => told(versions).slice(-1));
  });
  // No name has a space.
  const key = (template: Template): string =>
    `${template.name} ${String(template.version).padStart(VERSION_DIGITS, '0')}`;
  return pageOf(found, key, page);
}

/** A page of what is in memory, by its keys. */
function pageOf<T>(all: readonly T[], keyOf: (item: T) => string, { limit, after }: PageInput): FoundPage<T> {
  const left = all
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = left.slice(0, limit);
  return { documents: page.map(({ item }) => item), next: left.length > limit ? page.at(-1)?.key : undefined };
}
