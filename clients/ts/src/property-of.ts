import type { Bench } from '@berth/proto/berth/lease/v1/bench';

/** The property of an entity of a bench. Throws a RangeError that names the entities or properties that there are. */
export function propertyOf(bench: Bench, entity: string, name: string): string {
  const properties = own(bench.entities, entity)?.properties;
  if (properties === undefined) {
    throw new RangeError(`bench ${bench.name} has no entity "${entity}"; it has ${namesOf(bench.entities)}`);
  }
  const value = own(properties, name);
  if (value !== undefined) return value;
  throw new RangeError(
    `entity "${entity}" of bench ${bench.name} has no property "${name}"; it has ${namesOf(properties)}`,
  );
}

/** Not what every object has, such as "constructor". */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function namesOf(record: Readonly<Record<string, unknown>>): string {
  return Object.keys(record).sort().join(', ') || 'none';
}
