import { invalidField } from '@berth/kernel';
import type { Availability } from '../../domain/availability/availability.js';
import { getAvailability } from '../../domain/availability/get-availability.js';
import type { Cluster, Template } from '../../domain/model/cluster.js';
import { SHARE, UNIT } from '../../domain/model/cluster.js';
import { labOf } from '../../domain/model/names.js';
import { noSuchCluster } from '../../domain/plan/refusals.js';
import type { RootState } from '../../domain/state/root-state.js';
import type { Block } from '../../domain/time/block.js';
import { blocksOf } from '../../domain/time/blocks.js';
import type { Amounts } from '../../domain/timeline/rows.js';
import type { AvailabilityAnswer } from '../booking-app.js';
import type { BookingContext } from '../booking-context.js';
import type { AvailabilityInput } from '../inputs.js';
import { labReplica } from '../labs/lab-inventory.js';
import { templatesOf } from '../resolve/resolve-templates.js';
import { intervalOf, zoneOf } from '../resolve/resolve-times.js';
import type { RootReplica } from '../roots/root-replica.js';

/** Blocks × amounts of one answer. */
const MOST_FIGURES = 1_000_000;

/** A question of availability whose times and templates are resolved: it can be asked of any state of its root. */
export interface AvailabilityAsk {
  readonly replica: RootReplica;
  readonly cluster: string;
  readonly blocks: readonly Block[];
  /** How many blocks the whole range has. */
  readonly total: number;
  /** Whether an answer may have fewer of the blocks than are asked for. */
  readonly isPage: boolean;
  /** Where the range stands in the request. */
  readonly path: string;
  readonly zone: string;
  readonly templates: readonly Template[];
  readonly amounts: readonly string[];
  readonly levels: boolean;
}

/** Tells what is granted, booked and left in every block. Values are in ten-thousandths. */
export async function answerAvailability(
  context: BookingContext,
  input: AvailabilityInput,
): Promise<AvailabilityAnswer> {
  const ask = await resolveAvailability(context, input);
  return ask.replica.read((state) => availabilityIn(state, ask));
}

/** Throws NO_SUCH_CLUSTER, NO_SUCH_TEMPLATE, TOO_MANY_BLOCKS, and what is wrong with the range. */
export async function resolveAvailability(
  context: BookingContext,
  { cluster, range, grid, amounts, templates, levels, page }: AvailabilityInput,
  mostBlocks?: number,
): Promise<AvailabilityAsk> {
  const replica = await rootOfCluster(context, cluster);
  const zone = await zoneOf(context, replica, cluster, range.zone, range.path);
  const interval = await intervalOf(context, replica, cluster, range);
  const wishes = templates.map(({ name, version }, at) => ({ name, version, path: `templates[${String(at)}]` }));
  const blocks = blocksOf(context.calendar, interval, { zone, ...grid }, range.path, mostBlocks);
  return {
    replica,
    cluster,
    blocks: page === undefined ? blocks : blocks.slice(page.from, page.from + page.count),
    total: blocks.length,
    isPage: page !== undefined,
    path: range.path,
    zone,
    templates: await templatesOf(context, wishes),
    amounts,
    levels,
  };
}

/** The answer as of a state. Throws NO_SUCH_CLUSTER. */
export function availabilityIn(state: RootState, ask: AvailabilityAsk): AvailabilityAnswer {
  const { cluster: name, total, zone, templates, levels } = ask;
  const cluster = state.clusters.get(name);
  if (cluster === undefined) throw noSuchCluster(name, 'cluster');
  const timeline = state.timeline(name);
  const amounts = ask.amounts.length > 0 ? ask.amounts : timeline.names().filter((amount) => amount !== SHARE);
  const fitting = Math.max(1, Math.floor(MOST_FIGURES / Math.max(1, amounts.length)));
  if (ask.blocks.length > fitting && !ask.isPage) throw tooMany(ask.path, amounts.length);
  const blocks = ask.blocks.slice(0, fitting);
  const availability: Availability = getAvailability(timeline, blocks, {
    amounts,
    templates: templates.map((template) => inUnits(template.amounts)),
    levels,
  });
  return { blocks, total, availability, templates, units: unitsOf(state, cluster), zone, revision: state.sequence };
}

function tooMany(path: string, amounts: number): Error {
  const most = Math.floor(MOST_FIGURES / amounts).toLocaleString('en');
  const hint = 'take a page, a coarser grain, or fewer amounts';
  const description = `has more than ${most} blocks of ${String(amounts)} amounts; ${hint}`;
  return invalidField(path, description, 'TOO_MANY_BLOCKS');
}

/** Amounts in the unit of timelines. */
export function inUnits(amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount * UNIT]));
}

/** The root of a cluster; that of a lab is made when the lab is there. */
export async function rootOfCluster(context: BookingContext, cluster: string): Promise<RootReplica> {
  const lab = labOf(cluster);
  return lab === undefined ? context.roots.of(cluster, 'cluster') : labReplica(context, lab, 'cluster');
}

/** The units of a cluster: a child without any has those of the cluster above it. */
function unitsOf({ clusters }: RootState, cluster: Cluster): Cluster['units'] {
  for (let at: Cluster | undefined = cluster; at !== undefined; at = clusters.get(at.parent ?? '')) {
    if (Object.keys(at.units).length > 0) return at.units;
  }
  return {};
}
