import type { GivenParameters } from '../parameters.js';

/** The amounts that rows have, in order. */
export const ROW_AMOUNTS = ['servers', 'memory', 'cores'] as const;

/** The amounts that may be asked for. */
export const AMOUNTS: readonly string[] = [...ROW_AMOUNTS, 'disc', 'tempdisc', 'userdisc', 'datadisc'];

const MOST = 100_000_000_000;

type Amounts = Record<string, number>;

/** The amounts that a request says; those that it does not say are absent. */
export function amountsOf(given: GivenParameters): Amounts {
  const said = AMOUNTS.flatMap((name) => {
    const value = given.whole(name, { most: MOST });
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(said);
}

/** Whether a request says an amount, even a wrong one. */
export function saysAmounts(given: GivenParameters): boolean {
  return AMOUNTS.some((name) => given.has(name));
}

/** Amounts as answers have them: those of rows always, then all others. */
export function amountsView(amounts: Readonly<Amounts>): Amounts {
  return { ...Object.fromEntries(ROW_AMOUNTS.map((name) => [name, 0])), ...amounts };
}
