import type { Attribute, EntitySpec, Requirement } from './model.js';

/** What a requirement is held against: a bench, or what an offer would make. */
export interface Matchable {
  readonly name: string;
  readonly location: string;
  readonly attributes: readonly Attribute[];
  readonly entities: Readonly<Record<string, EntitySpec>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly affinity: string;
  /** "inventory" or "pool/<name>". */
  readonly origin: string;
}

function has(attributes: readonly Attribute[], name: string): boolean {
  return attributes.some((attribute) => attribute.name === name);
}

/**
 * Pairs as many `left` (0..count-1) as possible with different rights (Kuhn's augmenting paths). `options(i)` lists what i
 * may have, most wanted first; an earlier left gets its most wanted one unless that would leave another one unpaired.
 * Returns for each left its right, or undefined.
 */
export function assign<R>(count: number, options: (left: number) => readonly R[]): (R | undefined)[] {
  const ownerOf = new Map<R, number>();
  const choices = Array.from({ length: count }, (_, left) => options(left));
  const place = (left: number, tried: Set<R>): boolean => {
    for (const right of choices[left] ?? []) {
      if (tried.has(right)) continue;
      tried.add(right);
      const owner = ownerOf.get(right);
      if (owner === undefined || place(owner, tried)) {
        ownerOf.set(right, left);
        return true;
      }
    }
    return false;
  };
  for (let left = 0; left < count; left++) place(left, new Set());
  const result = new Array<R | undefined>(count).fill(undefined);
  for (const [right, left] of ownerOf) result[left] = right;
  return result;
}

/** The entity requirements that could not all be met by different entities; empty = all are. */
function unmetEntities(requirement: Requirement, entities: Readonly<Record<string, EntitySpec>>): number[] {
  const { entities: wanted } = requirement;
  if (wanted.length === 0) return [];
  const names = Object.keys(entities);
  const pairs = assign(wanted.length, (i) => {
    const need = wanted[i];
    return names.filter(
      (name) =>
        need !== undefined &&
        (need.name === '' || need.name === name) &&
        need.attributes.every((attribute) => has(entities[name]?.attributes ?? [], attribute)),
    );
  });
  return pairs.flatMap((name, i) => (name === undefined ? [i] : []));
}

/** What of a requirement a bench does not meet, in words for people; empty = it meets all. */
export function misses(requirement: Requirement, bench: Matchable, affinity: string): string[] {
  const faults: string[] = [];
  if (requirement.bench !== '' && requirement.bench !== bench.name) faults.push(`its name is not '${requirement.bench}'`);
  if (requirement.location !== '' && requirement.location !== bench.location) {
    faults.push(`its location is '${bench.location}', not '${requirement.location}'`);
  }
  if (requirement.pool !== '' && bench.origin !== `pool/${requirement.pool}`) {
    faults.push(`it is not of pool '${requirement.pool}'`);
  }
  const lacking = requirement.attributes.filter((name) => !has(bench.attributes, name));
  if (lacking.length > 0) faults.push(`it lacks attribute${lacking.length > 1 ? 's' : ''} ${lacking.join(', ')}`);
  for (const [key, value] of Object.entries(requirement.labels)) {
    if (bench.labels[key] !== value) faults.push(`its label ${key} is not '${value}'`);
  }
  if (bench.affinity !== '' && bench.affinity !== affinity) faults.push(`it is kept for affinity '${bench.affinity}'`);
  for (const i of unmetEntities(requirement, bench.entities)) {
    const need = requirement.entities[i];
    const what = [need?.name === '' ? '' : `named '${need?.name ?? ''}'`, `with [${need?.attributes.join(', ') ?? ''}]`];
    faults.push(`it has no further entity ${what.filter((part) => part !== '').join(' ')}`);
  }
  return faults;
}

/** Whether a bench meets a requirement; condition and holder do not matter. */
export function meets(requirement: Requirement, bench: Matchable, affinity: string): boolean {
  if (requirement.bench !== '' && requirement.bench !== bench.name) return false;
  return misses(requirement, bench, affinity).length === 0;
}

/** Sum of the weights that a bench gives to the requested attributes. */
export function weightOf(requirement: Requirement, bench: Matchable): number {
  let sum = 0;
  for (const attribute of bench.attributes) {
    if (requirement.attributes.includes(attribute.name)) sum += attribute.weight;
  }
  return sum;
}

/** How many attributes a bench has in all, its entities' included. */
export function attributeCount(bench: Matchable): number {
  let count = bench.attributes.length;
  for (const entity of Object.values(bench.entities)) count += entity.attributes.length;
  return count;
}

/** A requirement as one line in the query language, for messages. */
export function describeRequirement(requirement: Requirement): string {
  const parts: string[] = [];
  if (requirement.bench !== '') parts.push(`bench=${requirement.bench}`);
  if (requirement.location !== '') parts.push(`location=${requirement.location}`);
  if (requirement.attributes.length > 0) parts.push(`attributes=[${requirement.attributes.join(',')}]`);
  const named = requirement.entities.map((entity) =>
    entity.name === '' ? `[${entity.attributes.join(',')}]` : `${entity.name}:[${entity.attributes.join(',')}]`,
  );
  if (named.length > 0) parts.push(`entity_properties=[${named.join(',')}]`);
  if (requirement.pool !== '') parts.push(`pool=${requirement.pool}`);
  const labels = Object.entries(requirement.labels).map(([key, value]) => `${key}:${value}`);
  if (labels.length > 0) parts.push(`labels=[${labels.join(',')}]`);
  return parts.join('&');
}
