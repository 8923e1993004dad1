import { canonical } from './canonical.js';
import type { Announced, BenchSpec } from './model.js';

/** What is announced of a bench of which nothing is. */
export const NOTHING_ANNOUNCED: Announced = { properties: {}, labels: {} };

/** A description with what is announced laid over it: of two values under one name the announced one counts. */
export function laidOver(spec: BenchSpec, announced: Announced): BenchSpec {
  if (isNothing(announced)) return spec;
  return {
    ...spec,
    properties: { ...spec.properties, ...announced.properties },
    labels: { ...spec.labels, ...announced.labels },
  };
}

/** Whether nothing is announced. */
export function isNothing({ properties, labels }: Announced): boolean {
  return Object.keys(properties).length + Object.keys(labels).length === 0;
}

/** Whether two announcements say the same; the order of names does not matter. */
export function sameAnnounced(a: Announced, b: Announced): boolean {
  return canonical(a) === canonical(b);
}
