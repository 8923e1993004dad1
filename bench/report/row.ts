import type { Spread } from './statistics.js';
import { spread } from './statistics.js';

/** What a figure must be. */
export interface Target {
  readonly kind: 'at least' | 'at most';
  readonly value: number;
}

/** One line of the table: a subject, mostly as a ratio of a ceiling that was measured in turns with it. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ceiling?: Spread;
  readonly subject: Spread;
  /** Of each repeat's subject to the same repeat's ceiling. */
  readonly ratio?: Spread;
  readonly target?: Target;
  /** Whether the median reached the target; absent where there is none. */
  readonly reached?: boolean;
  readonly repeats: number;
  readonly note?: string;
}

export interface RowDescription {
  readonly name: string;
  readonly unit: string;
  readonly target?: Target;
  readonly note?: string;
}

/** A row from one ceiling and one subject a repeat. */
export function ratioRow(about: RowDescription, pairs: readonly { ceiling: number; subject: number }[]): Row {
  const ratio = spread(pairs.map(({ ceiling, subject }) => subject / ceiling));
  return {
    ...about,
    ceiling: spread(pairs.map((pair) => pair.ceiling)),
    subject: spread(pairs.map((pair) => pair.subject)),
    ratio,
    ...reaching(about.target, ratio.median),
    repeats: pairs.length,
  };
}

/** A row of a figure that has no ceiling, only a limit. */
export function plainRow(about: RowDescription, values: readonly number[]): Row {
  const subject = spread(values);
  return { ...about, subject, ...reaching(about.target, subject.median), repeats: values.length };
}

export function atLeast(value: number): Target {
  return { kind: 'at least', value };
}

export function atMost(value: number): Target {
  return { kind: 'at most', value };
}

function reaching(target: Target | undefined, value: number): { reached?: boolean } {
  if (target === undefined) return {};
  return { reached: target.kind === 'at least' ? value >= target.value : value <= target.value };
}
