import type { Attribute, EntitySpec, Requirement } from './model.js';
import { queryText } from './query-text.js';

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
 * may have, most wanted first. An earlier left is paired rather than a later one, and gets what it wants most unless that
 * would leave another one unpaired. Returns for each left its right, or undefined.
 */
export function assign<R>(count: number, options: (left: number) => readonly R[]): (R | undefined)[] {
  const choices = Array.from({ length: count }, (_, left) => options(left));
  const pairs = new Array<R | undefined>(count).fill(undefined);
  const ownerOf = new Map<R, number>();
  const place = (left: number, tried: Set<R>): boolean => {
    for (const right of choices[left] ?? []) {
      if (tried.has(right)) continue;
      tried.add(right);
      const owner = ownerOf.get(right);
      if (owner === undefined || place(owner, tried)) {
        ownerOf.set(right, left);
        pairs[left] = right;
        return true;
      }
    }
    return false;
  };
  for (let left = 0; left < count; left++) place(left, new Set());
  if (count > 1) settle();
  return pairs;

  // Who came first may have been moved on further than need be: each in turn takes what it wants most of all that the
  // later ones can do without.
  function settle(): void {
    const settled = new Set<R>();
    pairs.forEach((had, left) => {
      if (had === undefined) return;
      ownerOf.delete(had);
      const has = choices[left]?.find((right) => right === had || wrest(left, right, settled)) ?? had;
      ownerOf.set(has, left);
      pairs[left] = has;
      settled.add(has);
    });
  }

  function wrest(left: number, right: R, settled: ReadonlySet<R>): boolean {
    if (settled.has(right)) return false;
    const owner = ownerOf.get(right);
    if (owner === undefined) return true;
    ownerOf.set(right, left);
    if (place(owner, new Set([...settled, right]))) return true;
    ownerOf.set(right, owner);
    return false;
  }
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
  if (requirement.bench !== '' && requirement.bench !== bench.name)
    faults.push(`its name is not '${requirement.bench}'`);
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
    const what = [
      need?.name === '' ? '' : `named '${need?.name ?? ''}'`,
      `with [${need?.attributes.join(', ') ?? ''}]`,
    ];
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
export function attributeCount(bench: Pick<Matchable, 'attributes' | 'entities'>): number {
  let count = bench.attributes.length;
  for (const entity of Object.values(bench.entities)) count += entity.attributes.length;
  return count;
}

/** A requirement as one line in the query language, for messages and as a key: no two requirements have the same line. */
export function describeRequirement(requirement: Requirement): string {
  const list = (texts: readonly string[]): string => `[${texts.map(queryText).join(',')}]`;
  const parts: string[] = [];
  if (requirement.bench !== '') parts.push(`bench=${queryText(requirement.bench)}`);
  if (requirement.location !== '') parts.push(`location=${queryText(requirement.location)}`);
  if (requirement.attributes.length > 0) parts.push(`attributes=${list(requirement.attributes)}`);
  const named = requirement.entities.map(({ name, attributes }) =>
    name === '' ? list(attributes) : `${queryText(name)}:${list(attributes)}`,
  );
  if (named.length > 0) parts.push(`entity_properties=[${named.join(',')}]`);
  if (requirement.pool !== '') parts.push(`pool=${queryText(requirement.pool)}`);
  const labels = Object.entries(requirement.labels).map(([key, value]) => `${queryText(key)}:${queryText(value)}`);
  if (labels.length > 0) parts.push(`labels=[${labels.join(',')}]`);
  return parts.join('&');
}
