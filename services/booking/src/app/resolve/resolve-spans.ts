import { BerthError, invalidField } from '@berth/kernel';
import type { BenchCandidate } from '../../domain/model/booking.js';
import type { SpanAsk } from '../../domain/model/commands.js';
import { rootOf } from '../../domain/model/names.js';
import type { Interval } from '../../domain/time/interval.js';
import type { BookingContext } from '../booking-context.js';
import type { BenchesInput, SpanInput, TakeInput } from '../inputs.js';
import { labReplica, learnBenches } from '../labs/lab-inventory.js';
import type { RootReplica } from '../roots/root-replica.js';
import { DEFAULT_ROOT } from '../roots/roots.js';
import { intervalOf } from './resolve-times.js';
import { templatesOf } from './resolve-templates.js';

/** A bench that is out of order is not chosen for what begins so soon. */
const SOON_MS = 3_600_000;
const DEFAULT_LAB = 'default';

/** The spans of a booking as the domain takes them. */
export interface ResolvedSpans {
  readonly asks: readonly SpanAsk[];
  /** Whether they are of benches. */
  readonly ofBenches: boolean;
}

/** What a span takes, without its times. */
type Take = Omit<SpanAsk, 'startMs' | 'endMs' | 'cluster'>;

/** A cluster that is made in the same step; spans without a cluster are of it. */
interface NewCluster {
  readonly parent: string;
  readonly zone: string;
}

/**
 * Resolves spans of a root: their instants, their templates, and the benches that would do. Throws NO_SUCH_CLUSTER,
 * NO_SUCH_TEMPLATE, and what is wrong with a time.
 */
export async function resolveSpans(
  context: BookingContext,
  replica: RootReplica,
  spans: readonly SpanInput[],
  newCluster?: NewCluster,
): Promise<ResolvedSpans> {
  const asks: SpanAsk[] = [];
  for (const span of spans) {
    const cluster = clusterOf(span, newCluster);
    const { zone, ...times } = span.range;
    const range = { zone: zone === '' && cluster === undefined ? (newCluster?.zone ?? '') : zone, ...times };
    const interval = await intervalOf(context, replica, cluster ?? newCluster?.parent ?? DEFAULT_ROOT, range);
    for (const take of await resolveTake(context, replica, span, interval)) {
      asks.push({ ...interval, ...(cluster !== undefined && { cluster }), ...take });
    }
  }
  const ofBenches = spans.some(({ take }) => take.kind === 'benches');
  if (ofBenches) requireOneTime(spans, asks);
  return { asks, ofBenches };
}

/** A reservation of a lab has all its benches from one start to one end. */
function requireOneTime(spans: readonly SpanInput[], asks: readonly SpanAsk[]): void {
  const [first] = asks;
  if (asks.every(({ startMs, endMs }) => startMs === first?.startMs && endMs === first.endMs)) return;
  const path = spans.at(-1)?.range.path ?? 'booking.spans';
  throw invalidField(path, 'is another time than that of the first span; benches of one booking have the same time.');
}

/** What a span takes over an interval; of requirements one part each. */
export async function resolveTake(
  context: BookingContext,
  replica: RootReplica,
  { take, path }: Pick<SpanInput, 'take' | 'path'>,
  interval: Interval,
): Promise<readonly Take[]> {
  switch (take.kind) {
    case 'amounts':
      return [{ amounts: take.amounts }];
    case 'share':
      return [{ share: take.basisPoints }];
    case 'template': {
      const { name, version, count } = take;
      const [template] = await templatesOf(context, [{ name, version, path: `${path}.template` }]);
      if (template === undefined) return [];
      return [{ template: { name, version: template.version, count, amounts: template.amounts } }];
    }
    case 'benches':
      return resolveBenches(context, replica, take, interval, path);
  }
}

async function resolveBenches(
  context: BookingContext,
  replica: RootReplica,
  { lab, names, requirements }: BenchesInput,
  { startMs }: Interval,
  path: string,
): Promise<readonly Take[]> {
  if (names.length > 0) {
    await learnBenches(context, replica, names);
    return [{ benches: { names } }];
  }
  const takes: Take[] = [];
  for (const [at, requirement] of requirements.entries()) {
    const found = await context.labs.matching(lab === '' ? DEFAULT_LAB : lab, requirement).catch((error: unknown) => {
      throw atField(error, `${path}.benches.requirements[${String(at)}]`);
    });
    const fit = startMs - context.clock.now() < SOON_MS ? found.filter(({ ready }) => ready) : found;
    const candidates = fit.map(({ bench, weight }): BenchCandidate => ({ bench, weight }));
    await learnBenches(
      context,
      replica,
      candidates.map(({ bench }) => bench),
    );
    takes.push({ benches: { count: countOf(requirement), requirement, candidates } });
  }
  return takes;
}

/** The cluster of a span; undefined for that of the new cluster. */
function clusterOf({ cluster, take }: SpanInput, newCluster: NewCluster | undefined): string | undefined {
  if (take.kind === 'benches') return labCluster(take);
  if (cluster !== '') return cluster;
  return newCluster === undefined ? DEFAULT_ROOT : undefined;
}

function labCluster({ lab }: Pick<BenchesInput, 'lab'>): string {
  return `lab/${lab === '' ? DEFAULT_LAB : lab}`;
}

/** The root of spans. Throws INVALID_FIELD for spans of more than one, NO_SUCH_CLUSTER, NO_SUCH_LAB. */
export async function rootOfSpans(
  context: BookingContext,
  spans: readonly SpanInput[],
  newCluster?: NewCluster,
): Promise<RootReplica> {
  const [first] = spans;
  if (first === undefined) throw invalidField('booking.spans', 'is empty; a booking has at least one span.');
  const clusters = spans.map((span) => clusterOf(span, newCluster) ?? newCluster?.parent ?? DEFAULT_ROOT);
  const root = rootOf(clusters[0] ?? DEFAULT_ROOT);
  const other = clusters.findIndex((cluster) => rootOf(cluster) !== root);
  if (other >= 0) {
    const path = spans[other]?.path ?? 'booking.spans';
    throw invalidField(
      `${path}.cluster`,
      `is of root '${rootOf(clusters[other] ?? '')}', others of '${root}'; all spans of a booking are of one root.`,
    );
  }
  if (first.take.kind !== 'benches') return context.roots.of(clusters[0] ?? DEFAULT_ROOT, `${first.path}.cluster`);
  return labReplica(context, labOfTake(first.take), `${first.path}.benches.lab`);
}

function labOfTake(take: TakeInput): string {
  return take.kind === 'benches' && take.lab !== '' ? take.lab : DEFAULT_LAB;
}

function countOf(requirement: unknown): number {
  const { count } = requirement as { readonly count?: number };
  return count ?? 1;
}

/** What the lease service finds wrong with a requirement, as a fault of our field. */
function atField(error: unknown, path: string): unknown {
  return error instanceof BerthError && error.kind === 'invalid'
    ? invalidField(path, error.message, error.reason)
    : error;
}
