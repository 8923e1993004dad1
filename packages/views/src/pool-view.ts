import { type Pool, PoolState, ResourceState } from '@berth/proto/berth/pool/v1/pool';
import { enumWords } from './enum-name.js';
import { milliseconds, seconds } from './seconds.js';
import { clockText, sinceText, spanText, untilText } from './time-text.js';

/** What a pool does, in words: `draining, was taken out of the file`. */
export function poolStateText({ state, removed }: Pool): string {
  const name = enumWords(PoolState, state);
  return removed ? `${name}, out of the file` : name;
}

/** How many resources a pool has in a state. */
export function countOf({ counts }: Pool, ...states: readonly ResourceState[]): number {
  return counts.filter(({ state }) => states.includes(state)).reduce((sum, { count }) => sum + count, 0);
}

/** The part of starts that went well; empty when there was none. */
export function successText({ successRate }: Pool): string {
  return successRate === undefined ? '' : `${String(Math.round(successRate * 100))} %`;
}

/** What keeps a pool from making resources, and since when; empty when nothing does. */
export function troubleText(pool: Pool, now: Date): string {
  const { degraded, retryTime, lastError } = pool;
  const retry = retryTime && retryTime > now ? `, next try ${untilText(retryTime, now)}` : '';
  if (lastError === '') return '';
  return `${degraded ? 'degraded: ' : ''}${lastError}${retry}`;
}

/** A pool as `-o json` and `-o yaml` show it. */
export function poolView(pool: Pool) {
  const { name, description, lab, removed, counts, free, taken, max, starts, failedStarts, successRate } = pool;
  return {
    name,
    description: description || undefined,
    lab,
    state: enumWords(PoolState, pool.state),
    stateReason: pool.stateReason || undefined,
    stateBy: pool.stateActor?.name,
    stateTime: pool.stateTime,
    removed: removed || undefined,
    counts: Object.fromEntries(counts.map(({ state, count }) => [ResourceState[state], count])),
    free,
    taken,
    max,
    starts,
    failedStarts,
    successRate,
    startDuration: seconds(pool.startDuration),
    lastStartTime: pool.lastStartTime,
    lastError: pool.lastError || undefined,
    degraded: pool.degraded || undefined,
    retryTime: pool.retryTime,
    leaks: pool.leaks,
    tags: pool.tags,
    tagsOnDemand: pool.tagsOnDemand,
    options: pool.optionsYaml || undefined,
  };
}

/** A pool as facts for people. */
export function poolFacts(pool: Pool, now: Date): readonly (readonly [string, string])[] {
  const { counts, stateActor, stateReason, stateTime, startDuration, lastStartTime } = pool;
  const by = stateActor ? ` by ${stateActor.name} ${sinceText(stateTime, now)}: ${stateReason}` : '';
  const tags = [
    ...pool.tags,
    ...pool.tagsOnDemand.map(({ name, priority }) => ({ name: `${name} (on demand)`, priority })),
  ];
  return [
    ['pool', pool.name],
    ['what', pool.description],
    ['lab', pool.lab],
    ['state', `${poolStateText(pool)}${by}`],
    ['tags', tags.map(({ name, priority }) => (priority === 0 ? name : `${name}=${String(priority)}`)).join(' ')],
    ['resources', counts.map(({ state, count }) => `${String(count)} ${enumWords(ResourceState, state)}`).join(', ')],
    ['free', `${String(pool.free)} (${String(pool.taken)} taken, at most ${String(pool.max)} in all)`],
    ['starts', `${String(pool.starts)} (${String(pool.failedStarts)} failed)`],
    ['went well', successText(pool)],
    ['start takes', startDuration ? spanText(milliseconds(startDuration)) : ''],
    ['last start', lastStartTime ? clockText(lastStartTime, now) : ''],
    ['trouble', troubleText(pool, now)],
    ['leaks', pool.leaks === 0 ? '' : String(pool.leaks)],
    ['options', pool.optionsYaml.trimEnd()],
  ];
}
