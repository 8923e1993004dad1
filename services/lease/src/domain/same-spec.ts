import type { BenchSpec } from './model.js';

/** Whether two descriptions say the same; the order of keys does not matter, the order of attributes does. */
export function sameSpec(a: BenchSpec, b: BenchSpec): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}
