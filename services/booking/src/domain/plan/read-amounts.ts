import { BerthError, didYouMean, invalidField } from '@berth/kernel';
import type { Span } from '../model/booking.js';
import { SHARE } from '../model/cluster.js';
import { amountOf, withoutZeros } from '../state/pieces.js';
import type { RootState } from '../state/root-state.js';
import type { Amounts } from '../timeline/rows.js';

/** The largest amount: ten-thousandths of the sum of some of them are still exact. */
const MOST = 100_000_000_000;

/** Amounts without zeros. Throws INVALID_FIELD for one that is no whole number from 0 to 10¹¹. */
export function readAmounts(amounts: Amounts, path: string): Amounts {
  for (const [name, amount] of Object.entries(amounts)) {
    const field = `${path}[${name}]`;
    if (name === '' || name === SHARE) throw invalidField(field, 'is not a name of an amount.');
    if (!Number.isSafeInteger(amount) || amount < 0 || amount > MOST) {
      throw invalidField(field, `is ${String(amount)}; it must be a whole number from 0 to 100000000000.`);
    }
  }
  return withoutZeros(amounts);
}

/** Amounts as `readAmounts` has them, at least one above 0. */
export function readSomeAmounts(amounts: Amounts, path: string): Amounts {
  const read = readAmounts(amounts, path);
  if (Object.keys(read).length === 0) throw invalidField(path, 'is empty; at least one amount must be above 0.');
  return read;
}

/**
 * Throws UNKNOWN_AMOUNT for a name that the cluster neither declares nor ever had anything of; `own` are spans of which each name
 * is known.
 */
export function requireKnown(
  state: RootState,
  cluster: string,
  amounts: Amounts,
  path: string,
  own: readonly Span[] = [],
): void {
  for (const name of Object.keys(amounts)) {
    if (knows(state, cluster, name) || own.some((span) => span.cluster === cluster && amountOf(span.amounts, name) > 0))
      continue;
    const all = amountsOf(state, cluster);
    const has = all.length === 0 ? 'it has none yet: grant some first' : `it has ${all.slice(0, 20).join(', ')}`;
    const field = `${path}[${name}]`;
    const description = `cluster '${cluster}' has no amount '${name}'; ${has}${didYouMean(name, all)}`;
    throw new BerthError('UNKNOWN_AMOUNT', `${field}: ${description}`, { fields: [{ field, description }] });
  }
}

/** Whether a cluster declares an amount, or ever had anything of it. */
export function knows(state: RootState, cluster: string, amount: string): boolean {
  const units = state.clusters.get(cluster)?.units ?? {};
  return amount !== SHARE && (Object.hasOwn(units, amount) || state.timeline(cluster).has(amount));
}

/** The names of a cluster's amounts: those with a unit, and those that it was ever given; in order. */
export function amountsOf(state: RootState, name: string): readonly string[] {
  const names = new Set(Object.keys(state.clusters.get(name)?.units ?? {}));
  for (const amount of state.timeline(name).names()) if (amount !== SHARE) names.add(amount);
  return [...names].sort();
}
