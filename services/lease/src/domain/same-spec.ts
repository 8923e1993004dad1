import { canonical } from './canonical.js';
import type { BenchSpec } from './model.js';

/** Whether two descriptions say the same; the order of keys does not matter, the order of attributes does. */
export function sameSpec(a: BenchSpec, b: BenchSpec): boolean {
  return canonical(a) === canonical(b);
}
