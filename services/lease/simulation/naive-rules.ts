import type { Attribute, EntityRequirement, EntitySpec, Requirement } from '../src/domain/model.js';

/** What a requirement is held against. */
export interface Thing {
  readonly name: string;
  readonly location: string;
  readonly attributes: readonly Attribute[];
  readonly entities: Readonly<Record<string, EntitySpec>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly affinity: string;
  readonly origin: string;
}

/** Whether a thing is what a requirement asks for: every line of the rule, one after the other. */
export function canServe(requirement: Requirement, thing: Thing, affinity: string): boolean {
  if (requirement.bench !== '' && requirement.bench !== thing.name) return false;
  if (requirement.location !== '' && requirement.location !== thing.location) return false;
  if (requirement.pool !== '' && thing.origin !== `pool/${requirement.pool}`) return false;
  if (thing.affinity !== '' && thing.affinity !== affinity) return false;
  for (const [key, value] of Object.entries(requirement.labels)) if (thing.labels[key] !== value) return false;
  return (
    hasAll(thing.attributes, requirement.attributes) &&
    entitiesServe(requirement.entities, Object.entries(thing.entities))
  );
}

function hasAll(attributes: readonly Attribute[], names: readonly string[]): boolean {
  return names.every((name) => attributes.some((attribute) => attribute.name === name));
}

/** Tries every entity for the first need, and what is left for the others. */
function entitiesServe(needs: readonly EntityRequirement[], entities: readonly [string, EntitySpec][]): boolean {
  const [need, ...others] = needs;
  if (need === undefined) return true;
  return entities.some(
    ([name, entity], i) =>
      (need.name === '' || need.name === name) &&
      hasAll(entity.attributes, need.attributes) &&
      entitiesServe(others, entities.toSpliced(i, 1)),
  );
}

/**
 * Of all ways to give each place one of its choices (listed most wanted first) and no choice twice, the one that fills
 * most places, then fills earlier places rather than later ones, then gives the earliest place what it wants most.
 */
export function bestAssignment(choices: readonly (readonly string[])[]): readonly (string | undefined)[] {
  let best: { found: readonly (string | undefined)[]; cost: readonly number[] } | undefined;
  for (const found of assignments(choices)) {
    const empty = found.map((name) => (name === undefined ? 1 : 0));
    const cost = [
      empty.reduce<number>((sum, one) => sum + one, 0),
      ...empty,
      ...found.map((name, i) => (name === undefined ? 0 : (choices[i] ?? []).indexOf(name))),
    ];
    if (best === undefined || compareLists(cost, best.cost) < 0) best = { found, cost };
  }
  return best?.found ?? [];
}

function assignments(choices: readonly (readonly string[])[]): (string | undefined)[][] {
  const [mine, ...others] = choices;
  if (mine === undefined) return [[]];
  return [...mine, undefined].flatMap((name) =>
    assignments(others.map((list) => list.filter((other) => other !== name))).map((rest) => [name, ...rest]),
  );
}

/** Compares number by number, the first difference decides. */
export function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * How little a free bench is to be taken for a requirement (rules 5 and 10), as a list to compare: not kept for the
 * request's affinity, little weight, wanted by others, surplus attributes, used lately.
 */
export function reluctance(requirement: Requirement, thing: Thing, wantedByOthers: number, lastUsed: number): number[] {
  const requested = thing.attributes.filter((attribute) => requirement.attributes.includes(attribute.name));
  const weight = requested.reduce((sum, attribute) => sum + attribute.weight, 0);
  const ofEntities = Object.values(thing.entities).flatMap((entity) => entity.attributes);
  const asked = requirement.attributes.length + requirement.entities.flatMap((need) => need.attributes).length;
  const surplus = thing.attributes.length + ofEntities.length - asked;
  return [thing.affinity === '' ? 1 : 0, -weight, wantedByOthers, surplus, lastUsed];
}
