import type { CollectionSpec, Range, Scalar, Where } from './collection.js';
import { afterPrefix } from './order-values.js';

/** Bounds of one type of values, as engines need them. */
export interface Bounds {
  readonly from?: Scalar;
  readonly after?: Scalar;
  readonly until?: Scalar;
  readonly upTo?: Scalar;
}

/** One condition on one field. A document with a list in the field meets it when one element does. */
export type Condition =
  | { readonly kind: 'equal'; readonly path: string; readonly value: Scalar }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Scalar[] }
  | { readonly kind: 'range'; readonly path: string; readonly bounds: Bounds }
  | { readonly kind: 'missing' | 'present'; readonly path: string };

/** Every field that queries of a collection may name. */
export function queryableFields(spec: CollectionSpec): ReadonlySet<string> {
  return new Set(['id', ...spec.indexes.flatMap((index) => index.fields)]);
}

function boundsOf(range: Range): Bounds {
  if (!('prefix' in range)) return range;
  const until = afterPrefix(range.prefix);
  return until === undefined ? { from: range.prefix } : { from: range.prefix, until };
}

function condition(path: string, wanted: Where[string]): Condition {
  if (typeof wanted !== 'object') return { kind: 'equal', path, value: wanted };
  if ('in' in wanted) return { kind: 'in', path, values: wanted.in };
  return { kind: 'range', path, bounds: boundsOf(wanted) };
}

/** The conditions of a query. Throws TypeError for one that no index serves: that is a fault of the program. */
export function conditionsOf(spec: CollectionSpec, where: Where = {}): readonly Condition[] {
  const known = queryableFields(spec);
  const conditions = Object.entries(where).map(([path, wanted]) => {
    if (!known.has(path)) throw new TypeError(`no index of ${spec.name} has the field ${path}`);
    return condition(path, wanted);
  });
  const ranges = conditions.filter(({ kind }) => kind === 'range');
  if (ranges.length > 1) {
    throw new TypeError(`a query of ${spec.name} has ${String(ranges.length)} ranges; at most one is allowed`);
  }
  return conditions;
}
