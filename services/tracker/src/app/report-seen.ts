import { createHash } from 'node:crypto';
import { inChunks, pages, wasAnswered } from '@berth/documents';
import type { RequestKey } from '@berth/kernel';
import type { Allocation, Leak } from '../domain/index.js';
import { checkPlausible, compareReport, leakOf, providerOf, unknownLeak } from '../domain/index.js';
import type { Report, ReportAnswer, Stored, TrackerCollections } from '../ports/collections.js';
import { allLeaks } from './leaks.js';
import type { TrackerContext } from './tracker-context.js';

export interface SeenReport {
  readonly kind: string;
  readonly provider: string;
  readonly externalIds: readonly string[];
  readonly force: boolean;
}

export type SeenCounts = Pick<ReportAnswer, 'known' | 'unknown' | 'missing'>;

/** Answers that are kept for repeats: one a minute for a day. */
const MOST_ANSWERS = 1500;
const PAGE = 2000;
const WRITE = 1000;

/**
 * Concludes from what a provider has of a kind what is unknown here (L5) and what is missing there (L6). An allocation is
 * at the provider that its attribute or label `provider` names; one that names none is judged only while a single provider
 * reports its kind. Throws REPORT_IMPLAUSIBLE.
 */
export async function reportSeen(context: TrackerContext, report: SeenReport, key: RequestKey): Promise<SeenCounts> {
  const { collections, clock, settings } = context;
  const nowMs = clock.now();
  const id = hashOf(report.kind, report.provider);
  const before = await collections.reports.get(id);
  const answer = before?.value.answered.find((one) => one.id === key.id);
  if (answer !== undefined && wasAnswered([answer], key)) return answer;

  const live = await liveThere(context, report);
  const seen = new Set(report.externalIds);
  const allocated = live.filter(({ value, judged }) => judged && value.state === 'ALLOCATED').map(({ value }) => value);
  const comparison = compareReport(allocated, seen, settings.report.graceMs, nowMs);
  if (!report.force) checkPlausible(comparison, settings.report, report);
  const names = new Set(live.flatMap(({ value }) => value.externalId ?? []));
  const unknown = [...seen].filter((name) => !names.has(name));
  await replaceLeaks(context, report, [
    ...unknown.map((name) =>
      unknownLeak(hashOf(report.kind, report.provider, name), report.kind, report.provider, name, nowMs),
    ),
    ...comparison.missing.map((allocation) => leakOf('L6', allocation, nowMs, report.provider)),
  ]);
  const counts = { known: comparison.known, unknown: unknown.length, missing: comparison.missing.length };
  await keepReport(context, { id, report, key, counts, nowMs }, before);
  return counts;
}

/** Something live of the kind that may be at the provider; `judged` when it would have to be. */
interface LiveThere {
  readonly value: Allocation;
  readonly judged: boolean;
}

async function liveThere(context: TrackerContext, { kind, provider }: SeenReport): Promise<readonly LiveThere[]> {
  const { allocations, reports } = context.collections;
  const known = await reports.find({ where: { kind }, limit: 100 });
  const alone = known.documents.every(({ value }) => value.provider === provider);
  const live: LiveThere[] = [];
  const query = { where: { liveKind: kind }, orderBy: { field: 'externalId' }, limit: PAGE };
  for await (const page of pages(allocations, query)) {
    for (const { value } of page) {
      const at = providerOf(value);
      if (at === provider || at === undefined) live.push({ value, judged: at === provider || alone });
    }
  }
  return live;
}

/** Makes the leaks that the report shows the only ones of its kind and provider; those that stay keep when they were first seen. */
async function replaceLeaks(
  context: TrackerContext,
  { kind, provider }: SeenReport,
  shown: readonly Leak[],
): Promise<void> {
  const { leaks } = context.collections;
  const ids = new Set(shown.map(({ id }) => id));
  const there = new Set<string>();
  for await (const { value, revision } of allLeaks(leaks, { rule: { in: ['L5', 'L6'] }, kind })) {
    if (value.provider !== provider) continue;
    if (ids.has(value.id)) there.add(value.id);
    else await leaks.remove(value.id, revision);
  }
  const fresh = shown.filter(({ id }) => !there.has(id));
  for (let i = 0; i < fresh.length; i += WRITE) await leaks.insert(fresh.slice(i, i + WRITE));
}

interface Kept {
  readonly id: string;
  readonly report: SeenReport;
  readonly key: RequestKey;
  readonly counts: SeenCounts;
  readonly nowMs: number;
}

/** Of two reports that are told at once the later one keeps its answer; both were concluded from. */
async function keepReport(
  { collections, settings }: TrackerContext,
  { id, report, key, counts, nowMs }: Kept,
  before: Stored<Report> | undefined,
): Promise<void> {
  const answers = (before?.value.answered ?? []).filter(({ timeMs }) => timeMs > nowMs - settings.requestIdTtlMs);
  const answered = key.id === '' ? answers : [...answers, { ...key, timeMs: nowMs, ...counts }].slice(-MOST_ANSWERS);
  const { kind, provider } = report;
  const kept: Report = { id, kind, provider, timeMs: nowMs, answered };
  if (before === undefined) await collections.reports.insert([kept]);
  else await collections.reports.replace(kept, before.revision);
}

function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 20);
}

/**
 * Those leaks that reports showed and that may still be there: until the next report, only what happens here can end them.
 * Their ids.
 */
export async function stillShown(
  { collections }: TrackerContext,
  leaks: readonly Leak[],
): Promise<ReadonlySet<string>> {
  const { allocations } = collections;
  const missing = leaks.filter(({ rule }) => rule === 'L6');
  const unknown = leaks.filter(({ rule }) => rule === 'L5');
  const shown = new Set<string>();
  const held = new Set<string>();
  for (const chunk of inChunks(missing.flatMap(({ allocationId }) => allocationId ?? []))) {
    for (const { value } of await allocations.getMany(chunk)) if (value.state === 'ALLOCATED') held.add(value.id);
  }
  for (const { id, allocationId = '' } of missing) if (held.has(allocationId)) shown.add(id);
  for (const kind of new Set(unknown.map((leak) => leak.kind))) {
    const ofKind = unknown.filter((leak) => leak.kind === kind);
    const known = await liveNames(collections, kind, ofKind);
    for (const { id, externalId = '' } of ofKind) if (!known.has(externalId)) shown.add(id);
  }
  return shown;
}

/** The names among the leaks' that something live of a kind has. */
async function liveNames(
  { allocations }: TrackerCollections,
  kind: string,
  leaks: readonly Leak[],
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const chunk of inChunks(leaks.flatMap(({ externalId }) => externalId ?? []))) {
    const where = { liveKind: kind, externalId: { in: chunk } };
    for await (const page of pages(allocations, { where, orderBy: { field: 'externalId' }, limit: PAGE })) {
      for (const { value } of page) names.add(value.externalId ?? '');
    }
  }
  return names;
}
