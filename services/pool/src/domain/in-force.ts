import type { KeepsAnswers } from '@berth/kernel';
import type { PoolOptions } from './options/options.js';
import { DEFAULT_OPTIONS } from './options/options.js';

/** The id of the document. */
export const IN_FORCE = 'pools';

/** The pools in force; one document, kept for all replicas. */
export interface InForce extends KeepsAnswers {
  readonly id: typeof IN_FORCE;
  /** Those of the text that was taken last. */
  readonly pools: readonly PoolOptions[];
  /** Those that were in a text before, with their last options; they drain. */
  readonly removed: readonly PoolOptions[];
  /** Where the text came from: `file`, or the caller of ApplyPools; '' = there was none yet. */
  readonly origin: string;
  readonly applyMs?: number;
  /** Of the file that was taken last, so that it does not undo what ApplyPools has put in force since. */
  readonly fileHash: string;
  /** Why the present file is not in force; '' = it is, or there is none. */
  readonly fileFault: string;
  /** Rises with each change, also when an operator has set the state of a pool, which is kept beside this. */
  readonly version: number;
}

/** A pool that there is. */
export interface PoolInForce {
  readonly options: PoolOptions;
  /** It has left the file: it drains, and is forgotten once nothing of it is left. */
  readonly removed: boolean;
}

/** What is in force before any text was taken. */
export function nothingInForce(): InForce {
  return { id: IN_FORCE, pools: [], removed: [], origin: '', fileHash: '', fileFault: '', version: 0 };
}

/** A text is taken whole: pools that are not in it any more drain, one that is back is as the text says. */
export function withPools(
  before: InForce,
  pools: readonly PoolOptions[],
  from: Pick<InForce, 'origin'> & Partial<Pick<InForce, 'fileHash'>>,
  nowMs: number,
): InForce {
  const there = new Set(pools.map(({ name }) => name));
  const removed = [...before.pools, ...before.removed].filter(({ name }) => !there.has(name));
  return { ...before, fileFault: '', ...from, pools, removed, applyMs: nowMs };
}

/** A pool of which nothing is left is forgotten, unless it is back. */
export function withoutRemoved(before: InForce, name: string): InForce | undefined {
  const removed = before.removed.filter((pool) => pool.name !== name);
  return removed.length === before.removed.length ? undefined : { ...before, removed };
}

/** All pools, by name. Options that this version has and the one that wrote them had not have their defaults. */
export function poolsOf({ pools, removed }: InForce): readonly PoolInForce[] {
  const all = [
    ...pools.map((options) => ({ options: complete(options), removed: false })),
    ...removed.map((options) => ({ options: complete(options), removed: true })),
  ];
  return all.sort((a, b) => (a.options.name < b.options.name ? -1 : 1));
}

function complete(options: PoolOptions): PoolOptions {
  const { timeoutsMs, retry, sweep, env } = options;
  return {
    ...DEFAULT_OPTIONS,
    ...options,
    timeoutsMs: { ...DEFAULT_OPTIONS.timeoutsMs, ...timeoutsMs },
    retry: { ...DEFAULT_OPTIONS.retry, ...retry },
    sweep: { ...DEFAULT_OPTIONS.sweep, ...sweep },
    env: { ...DEFAULT_OPTIONS.env, ...env },
  };
}
