import type { Allocation, UsageKey, UsageRow } from '../domain/index.js';
import { longestOfClass, overlapMs, SPAN_CLASSES, Usage } from '../domain/index.js';
import type { Where } from '../ports/collections.js';
import { FORGOTTEN, markedMs } from './marks.js';
import type { TrackerContext } from './tracker-context.js';

export interface UsageQuery {
  /** Absent = since the first one that is found. */
  readonly fromMs?: number;
  /** Absent = now. */
  readonly untilMs?: number;
  readonly groupBy: readonly UsageKey[];
  readonly kinds: readonly string[];
  readonly owner?: string;
  readonly bench?: string;
}

export interface UsageSums {
  readonly rows: readonly UsageRow[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** Set when something that ended before this, and after `fromMs`, may be forgotten: sums before it are too low. */
  readonly completeFromMs?: number;
}

const PAGE = 2000;

/**
 * Sums up what overlaps a time. Reads that, and what ended so shortly after it that it may have begun within: at most four
 * times as much again. What ended before the time, or began after it, costs nothing.
 */
export async function sumUsage(context: TrackerContext, query: UsageQuery): Promise<UsageSums> {
  const nowMs = context.clock.now();
  const untilMs = Math.min(query.untilMs ?? nowMs, nowMs);
  const usage = new Usage(query.groupBy, query.bench);
  const fromMs = query.fromMs ?? -Infinity;
  let firstMs = untilMs;
  const live = new Set<string>();
  for (const source of sourcesOf(query, untilMs)) {
    for await (const allocation of readAll(context, source)) {
      // Read while it was ALLOCATED and again after its release: it is counted once.
      if (live.has(allocation.id) || !isMeant(allocation, query)) continue;
      const usedMs = overlapMs(allocation, fromMs, untilMs);
      if (usedMs === undefined) continue;
      if (allocation.endMs === undefined) live.add(allocation.id);
      firstMs = Math.min(firstMs, allocation.allocateMs ?? untilMs);
      usage.add(allocation, usedMs);
    }
  }
  const startMs = query.fromMs ?? firstMs;
  // Looked at last: what was not found because it is forgotten was noted before that.
  const forgottenMs = await markedMs(context.collections.marks, FORGOTTEN);
  const tooLow = forgottenMs !== undefined && forgottenMs > startMs;
  return {
    rows: usage.rows(untilMs - startMs),
    fromMs: startMs,
    untilMs,
    ...(tooLow && { completeFromMs: Math.min(forgottenMs, untilMs) }),
  };
}

/** A stretch of an index, in its order, so that no page has to be sorted. */
interface Source {
  readonly where: Where;
  readonly field: string;
}

/**
 * What is there now, then what has ended, by how long it took: what is released meanwhile is found twice, not never. Each with the conditions of one index and no more: with others
 * an engine may choose the index of those, and go through everything that ever was of a kind or on a bench.
 */
function sourcesOf({ fromMs, owner, bench }: UsageQuery, untilMs: number): readonly Source[] {
  const narrow: Where = bench !== undefined ? { benches: bench } : owner !== undefined ? { owner } : {};
  const ended = SPAN_CLASSES.map((spanClass): Source => {
    const latestMs = untilMs + longestOfClass(spanClass);
    const endMs = { after: fromMs ?? 0, ...(latestMs < Infinity && { until: latestMs }) };
    return { where: { ...narrow, spanClass, endMs }, field: 'endMs' };
  });
  return [{ where: { liveSinceMs: { until: untilMs } }, field: 'liveSinceMs' }, ...ended];
}

/** The conditions that the sources leave out; those on the bench are up to `Usage`. */
function isMeant({ kind, owner }: Allocation, { kinds, owner: wanted }: UsageQuery): boolean {
  return (kinds.length === 0 || kinds.includes(kind)) && (wanted === undefined || owner === wanted);
}

async function* readAll({ collections }: TrackerContext, { where, field }: Source) {
  let after: string | undefined;
  do {
    const query = { where, orderBy: { field }, limit: PAGE };
    const found = await collections.allocations.find(after === undefined ? query : { ...query, after });
    for (const { value } of found.documents) yield value;
    after = found.next;
  } while (after !== undefined);
}
