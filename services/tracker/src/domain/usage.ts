import type { Allocation } from './allocation.js';

export type UsageKey = 'kind' | 'owner' | 'bench';

/** How much one group was used. */
export interface UsageRow {
  readonly kind?: string;
  readonly owner?: string;
  readonly bench?: string;
  readonly count: number;
  readonly usedMs: number;
  readonly longestMs: number;
  /** Used time by the length of the window; above 1 when several overlap. */
  readonly utilisation: number;
}

interface Sum {
  readonly key: Pick<UsageRow, UsageKey>;
  count: number;
  longestMs: number;
  usedMs: number;
}

/** For how long it was ALLOCATED between two times; undefined when it does not overlap them. */
export function overlapMs(
  { allocateMs, endMs = Infinity }: Pick<Allocation, 'allocateMs' | 'endMs'>,
  fromMs: number,
  untilMs: number,
): number | undefined {
  if (allocateMs === undefined || allocateMs >= untilMs || endMs <= fromMs) return undefined;
  return Math.min(endMs, untilMs) - Math.max(allocateMs, fromMs);
}

/** Sums up allocations by group, one after another. A lease of several benches counts for each of them. */
export class Usage {
  readonly #sums = new Map<string, Sum>();

  /** Grouped by bench, what has none is left out; `bench` leaves out all others. */
  constructor(
    private readonly groupBy: readonly UsageKey[],
    private readonly bench?: string,
  ) {}

  add(allocation: Pick<Allocation, 'kind' | 'owner' | 'benches'>, usedMs: number): void {
    const { kind, owner, benches = [] } = allocation;
    const counted = this.bench === undefined ? benches : benches.filter((name) => name === this.bench);
    if (this.bench !== undefined && counted.length === 0) return;
    const by = (key: UsageKey): boolean => this.groupBy.includes(key);
    for (const bench of by('bench') ? counted : [undefined]) {
      this.#count(
        { ...(by('kind') && { kind }), ...(by('owner') && { owner }), ...(bench !== undefined && { bench }) },
        usedMs,
      );
    }
  }

  /** A row for each group, the most used first; `windowMs` is the time that was looked at. */
  rows(windowMs: number): readonly UsageRow[] {
    const sums = [...this.#sums].sort(([a, x], [b, y]) => y.usedMs - x.usedMs || (a < b ? -1 : 1));
    return sums.map(([, { key, ...sum }]) => ({
      ...key,
      ...sum,
      utilisation: windowMs > 0 ? sum.usedMs / windowMs : 0,
    }));
  }

  #count(key: Sum['key'], usedMs: number): void {
    const name = JSON.stringify([key.kind, key.owner, key.bench]);
    let sum = this.#sums.get(name);
    if (sum === undefined) this.#sums.set(name, (sum = { key, count: 0, longestMs: 0, usedMs: 0 }));
    sum.count += 1;
    sum.usedMs += usedMs;
    sum.longestMs = Math.max(sum.longestMs, usedMs);
  }
}
