import type { PoolOptions } from './options.js';
import type { PlainOptions, PlainValue } from './plain-options.js';
import { isMapping, plainOptions } from './plain-options.js';

/** What becomes of a pool when another file is taken. */
export interface PoolChange {
  readonly pool: string;
  readonly kind: 'ADDED' | 'CHANGED' | 'REMOVED';
  /** For CHANGED: the options that differ. */
  readonly options: readonly OptionChange[];
}

export interface OptionChange {
  /** Its path: `timeouts.new`. */
  readonly option: string;
  /** As they would stand in the file; empty where it does not. */
  readonly before: string;
  readonly after: string;
}

/** The differences of two files, by the names of pools; options in the order of the documentation. */
export function diffPools(before: readonly PoolOptions[], after: readonly PoolOptions[]): readonly PoolChange[] {
  const [old, next] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...next.keys()])].sort();
  return names.flatMap((pool): readonly PoolChange[] => {
    const [one, other] = [old.get(pool), next.get(pool)];
    if (one === undefined || other === undefined) {
      return [{ pool, kind: one === undefined ? 'ADDED' : 'REMOVED', options: [] }];
    }
    const options = diffOptions(one, other);
    return options.length === 0 ? [] : [{ pool, kind: 'CHANGED', options }];
  });
}

function byName(pools: readonly PoolOptions[]): ReadonlyMap<string, PoolOptions> {
  return new Map(pools.map((pool) => [pool.name, pool]));
}

function diffOptions(before: PoolOptions, after: PoolOptions): readonly OptionChange[] {
  const [old, next] = [optionTexts(plainOptions(before)), optionTexts(plainOptions(after))];
  return [...new Set([...next.keys(), ...old.keys()])].flatMap((option) => {
    const [one = '', other = ''] = [old.get(option), next.get(option)];
    return one === other ? [] : { option, before: one, after: other };
  });
}

/** The values of options by their paths. */
function optionTexts(options: PlainOptions, path = ''): ReadonlyMap<string, string> {
  const texts = Object.entries(options).flatMap(([name, value]): readonly (readonly [string, string])[] =>
    isMapping(value) ? [...optionTexts(value, `${path}${name}.`)] : [[`${path}${name}`, textOf(value)]],
  );
  return new Map(texts);
}

function textOf(value: PlainValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
