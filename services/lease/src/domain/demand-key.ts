import type { Requirement } from './model.js';

/** What makes two requests want the same. */
export function demandKey(
  requirements: readonly Requirement[],
  affinity: string,
  allowMaintenance: boolean,
  booking = '',
): string {
  const parts = [requirements.map(requirementKey), affinity, allowMaintenance];
  return JSON.stringify(booking === '' ? parts : [...parts, booking]);
}

/** Equal for requirements that ask for the same; names may hold any character, so it is no line of the query language. */
export function requirementKey({ bench, location, attributes, entities, pool, labels }: Requirement): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    bench,
    location,
    attributes,
    entities.map((need) => [need.name, need.attributes]),
    pool,
    sorted,
  ]);
}
