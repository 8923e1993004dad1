import type { Bounds, Condition } from '../collection/conditions.js';
import type { Phase } from '../collection/page-phases.js';

/** The place of a field of a document in what is stored. */
export function storedPath(path: string): string {
  return path === 'id' ? '_id' : `value.${path}`;
}

const OPERATORS = { from: '$gte', after: '$gt', until: '$lt', upTo: '$lte' } as const;

function rangeFilter(bounds: Bounds): Record<string, unknown> {
  const entries = Object.entries(OPERATORS).flatMap(([bound, operator]) => {
    const value = bounds[bound as keyof typeof OPERATORS];
    return value === undefined ? [] : [[operator, value] as const];
  });
  // Without a bound it is any value; and `$ne: null` is a stretch of the index, unlike `$exists`.
  return entries.length === 0 ? { $ne: null } : Object.fromEntries(entries);
}

function filterOf(condition: Condition): unknown {
  switch (condition.kind) {
    case 'equal':
      return { $eq: condition.value };
    case 'in':
      return { $in: condition.values };
    case 'range':
      return rangeFilter(condition.bounds);
    case 'missing':
      return { $eq: null };
    case 'present':
      return { $ne: null };
  }
}

/** A filter of MongoDB. No two conditions name the same field. */
export function mongoFilter(conditions: readonly Condition[]): Record<string, unknown> {
  return Object.fromEntries(conditions.map((condition) => [storedPath(condition.path), filterOf(condition)]));
}

/** The order of a phase. The field alone, where it has no ties, is what a unique index has in order. */
export function mongoSort(by: Phase['by'], field: string, descending: boolean): Record<string, 1 | -1> {
  const direction = descending ? -1 : 1;
  if (by === 'id') return { _id: direction };
  const sort = { [storedPath(field)]: direction } as const;
  return by === 'field' ? sort : { ...sort, _id: direction };
}
