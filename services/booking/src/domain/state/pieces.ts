import type { Span } from '../model/booking.js';
import type { Cluster, Grant, Size } from '../model/cluster.js';
import type { Interval } from '../time/interval.js';
import { intersect } from '../time/interval.js';
import type { Amounts } from '../timeline/rows.js';

/** Amounts over an interval. */
export interface Piece extends Interval {
  readonly amounts: Amounts;
}

/** The parts of an interval between instants that lie in it, in order. */
export function cut({ startMs, endMs }: Interval, instants: Iterable<number>): Interval[] {
  const inside = new Set([...instants].filter((instant) => instant > startMs && instant < endMs));
  const bounds = [startMs, ...[...inside].sort((a, b) => a - b), endMs];
  return bounds.slice(1).map((end, at) => ({ startMs: bounds[at] ?? startMs, endMs: end }));
}

/** A child's sizes without overlap: where two overlap the later one counts. Clipped to the time in which the child is there. */
export function sizePieces(cluster: Cluster): (Piece & { readonly size: Size })[] {
  const { startMs = 0, endMs = 0, sizes, deletedMs = Infinity } = cluster;
  const life = intersect({ startMs, endMs }, { startMs: -Infinity, endMs: deletedMs });
  if (life === undefined) return [];
  const pieces: (Piece & { readonly size: Size })[] = [];
  for (const part of cut(
    life,
    sizes.flatMap((size) => [size.startMs, size.endMs]),
  )) {
    const size = sizes.findLast((one) => one.startMs <= part.startMs && part.startMs < one.endMs);
    if (size === undefined) continue;
    const last = pieces.at(-1);
    if (last?.size === size && last.endMs === part.startMs) pieces[pieces.length - 1] = { ...last, endMs: part.endMs };
    else pieces.push({ ...part, amounts: size.amounts, size });
  }
  return pieces;
}

/** When a grant has its effect; undefined when it was deleted before it began. */
export function effectOf({ startMs, endMs, deletedMs = Infinity }: Grant): Interval | undefined {
  return intersect({ startMs, endMs }, { startMs: -Infinity, endMs: deletedMs });
}

/** What grants give together within an interval: pieces without gaps, of 0 too. Each of them with its effect. */
export function grantedPieces(grants: Iterable<Grant>, within: Interval): Piece[] {
  const parts: Piece[] = [];
  for (const grant of grants) {
    const effect = grant.kind === 'CAPACITY' ? effectOf(grant) : undefined;
    const inside = effect && intersect(effect, within);
    if (inside !== undefined) parts.push({ ...inside, amounts: grant.amounts });
  }
  const instants = parts.flatMap(({ startMs, endMs }) => [startMs, endMs]);
  return cut(within, instants).map((piece) => ({
    ...piece,
    amounts: sum(parts.filter((part) => part.startMs <= piece.startMs && piece.startMs < part.endMs)),
  }));
}

/** The sums of amounts by name. */
export function sum(some: Iterable<{ readonly amounts: Amounts }>): Amounts {
  const sums = new Map<string, number>();
  for (const { amounts } of some) {
    for (const [name, amount] of Object.entries(amounts)) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return Object.fromEntries(sums);
}

/** How much of an amount there is; 0 where it is not named. A name may be that of a method of objects. */
export function amountOf(amounts: Amounts, name: string): number {
  return Object.hasOwn(amounts, name) ? (amounts[name] ?? 0) : 0;
}

/** Amounts, each changed. */
export function mapAmounts(amounts: Amounts, change: (amount: number) => number): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, change(amount)]));
}

/** Amounts without those that are 0. */
export function withoutZeros(amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== 0));
}

/** The parts of spans that lie in an interval. */
export function clipSpans(spans: readonly Span[], startMs: number, endMs: number): Span[] {
  return spans.flatMap((span) => {
    const inside = intersect(span, { startMs, endMs });
    return inside === undefined ? [] : [{ ...span, ...inside }];
  });
}

/** At each instant the larger of what two lists of spans take, of each cluster and amount. For spans without shares. */
export function largerOf(some: readonly Span[], others: readonly Span[]): Span[] {
  const spans: Span[] = [];
  for (const cluster of new Set([...some, ...others].map((span) => span.cluster))) {
    const mine = some.filter((span) => span.cluster === cluster);
    const theirs = others.filter((span) => span.cluster === cluster);
    const all = [...mine, ...theirs];
    const whole = {
      startMs: Math.min(...all.map((one) => one.startMs)),
      endMs: Math.max(...all.map((one) => one.endMs)),
    };
    for (const part of cut(
      whole,
      all.flatMap(({ startMs, endMs }) => [startMs, endMs]),
    )) {
      const here = (list: readonly Span[]): Map<string, number> =>
        new Map(Object.entries(sum(list.filter((one) => one.startMs <= part.startMs && part.startMs < one.endMs))));
      const [one, other] = [here(mine), here(theirs)];
      const names = [...new Set([...one.keys(), ...other.keys()])];
      if (names.length === 0) continue;
      const amounts = names.map((name) => [name, Math.max(one.get(name) ?? 0, other.get(name) ?? 0)] as const);
      spans.push({ cluster, ...part, amounts: Object.fromEntries(amounts) });
    }
  }
  return spans;
}

/** Spans with those that follow each other and are alike made one. */
export function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans) {
    const last = all.at(-1);
    if (last?.endMs === span.startMs && last.cluster === span.cluster && sameAmounts(last.amounts, span.amounts)) {
      all[all.length - 1] = { ...last, endMs: span.endMs };
    } else all.push(span);
  }
  return all;
}

/** Whether two lists of amounts say the same; 0 is as if it were not there. */
export function sameAmounts(one: Amounts, other: Amounts): boolean {
  return [...Object.keys(one), ...Object.keys(other)].every((name) => amountOf(one, name) === amountOf(other, name));
}
