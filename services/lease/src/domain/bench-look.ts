import type { Bench } from './entities.js';
import type { Matchable } from './matching.js';
import { attributeCount } from './matching.js';
import type { BenchSpec } from './model.js';

/** How a bench looks to a requirement. */
export interface BenchLook extends Matchable {
  /** How many attributes it has in all, its entities' included. */
  readonly attributeCount: number;
}

const looks = new WeakMap<BenchSpec, BenchLook>();

/** How a bench looks to a requirement; the same object until the bench is described anew. */
export function asMatchable({ spec, origin }: Bench): BenchLook {
  const known = looks.get(spec);
  if (known?.origin === origin) return known;
  const look = { origin, attributeCount: attributeCount(spec), ...spec };
  looks.set(spec, look);
  return look;
}
