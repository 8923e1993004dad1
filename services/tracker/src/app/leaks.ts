import { carryOutOne, pages } from '@berth/documents';
import type { By, RequestKey } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Leak, LeakRule } from '../domain/index.js';
import type { Found, Stored, TrackerCollections, Where } from '../ports/collections.js';
import { markedMs, SWEEP } from './marks.js';
import type { TrackerContext } from './tracker-context.js';

export interface LeakFilter {
  readonly rules: readonly LeakRule[];
  readonly owner?: string;
  readonly kind?: string;
}

/** Some leaks, the longest first. */
export function findLeaks(
  { collections }: TrackerContext,
  { rules, owner, kind }: LeakFilter,
  limit: number,
  after: string | undefined,
): Promise<Found<Leak>> {
  const where: Where = {
    ...(rules.length > 0 && { rule: { in: rules } }),
    ...(owner !== undefined && { owner }),
    ...(kind !== undefined && { kind }),
  };
  const query = { where, orderBy: { field: 'firstSeenMs' }, limit };
  return collections.leaks.find(after === undefined ? query : { ...query, after });
}

/** When leaks were looked for last, completely; undefined = never yet. */
export function lastSweepMs({ collections }: TrackerContext): Promise<number | undefined> {
  return markedMs(collections.marks, SWEEP);
}

/** Takes a leak on for a while. Throws NO_SUCH_LEAK. */
export function acknowledgeLeak(
  { collections, clock, settings }: TrackerContext,
  leakId: string,
  { untilMs, reason }: { readonly untilMs: number; readonly reason: string },
  key: RequestKey,
  by: By,
): Promise<Stored<Leak>> {
  const nowMs = clock.now();
  const acknowledgement = { actor: by.actor, untilMs, reason, timeMs: nowMs };
  const plan = ({ value }: Stored<Leak>): Leak => ({ ...value, acknowledgement });
  const options = { nowMs, keepAnswersMs: settings.requestIdTtlMs, notFound: noSuchLeak };
  return carryOutOne(collections.leaks, { id: leakId, key, plan }, options);
}

/** Every leak that a query finds, the longest first. */
export async function* allLeaks(
  leaks: TrackerCollections['leaks'],
  where: Where,
): AsyncGenerator<Stored<Leak>, void, undefined> {
  for await (const page of pages(leaks, { where, orderBy: { field: 'firstSeenMs' }, limit: 1000 })) yield* page;
}

function noSuchLeak(id: string): BerthError {
  return new BerthError('NO_SUCH_LEAK', `there is no leak '${id}', or not any more; list them again.`, {
    resource: { type: 'berth.dev/Leak', name: id },
  });
}
