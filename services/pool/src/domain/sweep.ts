import { matchesPattern } from './options/name-pattern.js';
import type { PoolOptions } from './options/options.js';

/**
 * - DELETED: it is to be deleted.
 * - TOO_NEW: it was not seen for long enough.
 * - FOREIGN: it is not named as the pool names its resources.
 * - OVER_LIMIT: so many are deleted already.
 */
export type Verdict = 'DELETED' | 'TOO_NEW' | 'FOREIGN' | 'OVER_LIMIT';

/** Something in the list of a pool that no live row is named. */
export interface Stranger {
  readonly name: string;
  readonly verdict: Verdict;
  readonly firstSeenMs: number;
}

/** When strangers were first seen, by name; those that were in each list since. */
export type FirstSeen = Readonly<Record<string, number>>;

/** What is concluded from a list. */
export interface SweepPlan {
  /** The oldest first. */
  readonly strangers: readonly Stranger[];
  readonly firstSeen: FirstSeen;
}

/** So many strangers are remembered. */
const MOST_REMEMBERED = 10_000;

/** The names in what `cmd_list` printed. */
export function namesIn(printed: string): readonly string[] {
  return [...new Set(printed.split(/\s+/).filter(Boolean))];
}

/** Whether a pool could have given this name, and may delete what has it. */
export function isOwnName({ name: pool, namePattern, sweep }: PoolOptions, name: string): boolean {
  return sweep.prefix !== '' && name.startsWith(sweep.prefix) && matchesPattern(namePattern, pool, name);
}

/**
 * What becomes of the strangers in a whole list. `live` are the names of all rows that are not ENDED, of any pool, read after
 * the list was made: a row is written before its `cmd_new` begins.
 */
export function planSweep(
  options: PoolOptions,
  listed: readonly string[],
  live: ReadonlySet<string>,
  before: FirstSeen,
  nowMs: number,
): SweepPlan {
  const strangers = listed
    .filter((name) => !live.has(name))
    .map((name) => ({ name, firstSeenMs: Object.hasOwn(before, name) ? (before[name] ?? nowMs) : nowMs }))
    .sort((a, b) => a.firstSeenMs - b.firstSeenMs || (a.name < b.name ? -1 : 1));
  let left = options.sweep.maxDeletions;
  const judged = strangers.map(({ name, firstSeenMs }): Stranger => {
    if (!isOwnName(options, name)) return { name, firstSeenMs, verdict: 'FOREIGN' };
    const seenTwice = Object.hasOwn(before, name);
    if (!seenTwice || nowMs - firstSeenMs < options.sweep.graceMs) return { name, firstSeenMs, verdict: 'TOO_NEW' };
    left -= 1;
    return { name, firstSeenMs, verdict: left >= 0 ? 'DELETED' : 'OVER_LIMIT' };
  });
  const own = judged.filter(({ verdict }) => verdict !== 'FOREIGN').slice(0, MOST_REMEMBERED);
  return { strangers: judged, firstSeen: Object.fromEntries(own.map(({ name, firstSeenMs }) => [name, firstSeenMs])) };
}
