import { SHARE, UNIT } from '../model/cluster.js';
import type { Interval } from '../time/interval.js';

/** A change of what is left, as firm bookings see it: so much more, or less, of an amount over an interval. */
export interface Move extends Interval {
  readonly cluster: string;
  readonly amount: string;
  readonly delta: number;
}

/** What must be left of an amount at each instant. Σ shares are at most 100 %, so of them so much less than nothing. */
export function floorOf(amount: string): number {
  return amount === SHARE ? -UNIT : 0;
}

/**
 * What moves come to: intervals in which more, or less, is left than before, of each cluster and amount; as long as they can be, so
 * `delta` says only whether it is more or less. Moves that take each other back come to nothing.
 */
export function netMoves(moves: readonly Move[]): Move[] {
  if (moves.length === 1) return [...moves];
  const groups = new Map<string, Move[]>();
  for (const move of moves) {
    const key = `${move.cluster} ${move.amount}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [move]);
    else group.push(move);
  }
  return [...groups.values()].flatMap((group) => (group.length === 1 ? group : netOf(group)));
}

/** Of moves of one cluster and amount: a sweep over the instants at which the sum changes. */
function netOf(group: readonly Move[]): Move[] {
  const [{ cluster, amount }] = group as readonly [Move];
  const changes = new Map<number, number>();
  for (const { startMs, endMs, delta } of group) {
    changes.set(startMs, (changes.get(startMs) ?? 0) + delta);
    changes.set(endMs, (changes.get(endMs) ?? 0) - delta);
  }
  const bounds = [...changes].filter(([, delta]) => delta !== 0).sort(([one], [other]) => one - other);
  const net: Move[] = [];
  let sum = 0;
  for (const [at, [startMs, delta]] of bounds.entries()) {
    sum += delta;
    const endMs = bounds[at + 1]?.[0];
    const last = net.at(-1);
    if (sum === 0 || endMs === undefined) continue;
    const sign = Math.sign(sum);
    if (last?.endMs === startMs && last.delta === sign) net[net.length - 1] = { ...last, endMs };
    else net.push({ cluster, amount, startMs, endMs, delta: sign });
  }
  return net;
}
