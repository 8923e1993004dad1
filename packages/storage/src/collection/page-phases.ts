import type { CollectionSpec, Query, Scalar } from './collection.js';
import type { Bounds, Condition } from './conditions.js';
import { conditionsOf, queryableFields } from './conditions.js';
import { compareValues } from './order-values.js';

/** Documents that meet all conditions, by id, or by the order's field and then id (`tied`: the field alone may not do). */
export interface Phase {
  readonly conditions: readonly Condition[];
  readonly by: 'id' | 'field' | 'tied field';
}

/**
 * How a page is read: the phases one after another, until the page is full. Each is one stretch of one index, so none
 * needs an "or", which engines plan badly.
 */
export interface PagePlan {
  readonly field: string;
  readonly descending: boolean;
  readonly phases: readonly Phase[];
}

/** Where a page ended: the last document's value of the order's field (null: it lacks it), and its id. */
type Position = readonly [value: Scalar | null, id: string];

const LARGEST_PAGE = 10_000;

/** The cursor that goes on after a document with this id and this value of the order's field. */
export function encodeCursor(value: Scalar | undefined, id: string): string {
  return Buffer.from(JSON.stringify([value ?? null, id])).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Position;
}

function boundsBeyond(bounds: Bounds, value: Scalar, descending: boolean): Bounds {
  const { from, after, until, upTo } = bounds;
  if (descending) {
    return { until: value, ...(from === undefined ? {} : { from }), ...(after === undefined ? {} : { after }) };
  }
  return { after: value, ...(until === undefined ? {} : { until }), ...(upTo === undefined ? {} : { upTo }) };
}

/** The conditions for what comes after `value` in the order of `path`; undefined when nothing can. */
function beyond(
  conditions: readonly Condition[],
  path: string,
  value: Scalar,
  descending: boolean,
): readonly Condition[] | undefined {
  const others = conditions.filter((condition) => condition.path !== path);
  const own = conditions.find((condition) => condition.path === path);
  switch (own?.kind) {
    case 'missing':
      return undefined;
    case 'equal':
    case 'in': {
      const sign = descending ? -1 : 1;
      const all = own.kind === 'in' ? own.values : [own.value];
      const values = all.filter((candidate) => sign * compareValues(candidate, value) > 0);
      return values.length === 0 ? undefined : [...others, { kind: 'in', path, values }];
    }
    default: {
      const bounds = boundsBeyond(own?.kind === 'range' ? own.bounds : {}, value, descending);
      return [...others, { kind: 'range', path, bounds }];
    }
  }
}

/** Whether no two documents that meet the conditions can have the same value of the field, because an index says so. */
function hasNoTies(spec: CollectionSpec, conditions: readonly Condition[], field: string): boolean {
  const fixed = new Set(conditions.filter(({ kind }) => kind === 'equal').map(({ path }) => path));
  return spec.indexes.some(
    ({ unique, fields }) =>
      unique === true && fields.includes(field) && fields.every((path) => path === field || fixed.has(path)),
  );
}

/** Plans a page. Throws TypeError for a query that the collection does not offer. */
export function planPage(spec: CollectionSpec, query: Query): PagePlan {
  const conditions = conditionsOf(spec, query.where);
  const field = query.orderBy?.field ?? 'id';
  const descending = query.orderBy?.descending ?? false;
  if (!queryableFields(spec).has(field)) throw new TypeError(`no index of ${spec.name} has the field ${field}`);
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > LARGEST_PAGE) {
    throw new TypeError(`a page has 1 to ${String(LARGEST_PAGE)} documents, not ${String(query.limit)}`);
  }
  const position = query.after === undefined ? undefined : decodeCursor(query.after);
  const phases: Phase[] = [];
  const add = (found: readonly Condition[] | undefined, by: Phase['by']): void => {
    if (found !== undefined) phases.push({ conditions: found, by });
  };
  if (field === 'id') {
    add(position === undefined ? conditions : beyond(conditions, 'id', position[1], descending), 'id');
    return { field, descending, phases };
  }

  const own = conditions.find(({ path }) => path === field);
  const byField = hasNoTies(spec, conditions, field) ? 'field' : 'tied field';
  const present: Condition[] = own === undefined ? [...conditions, { kind: 'present', path: field }] : [...conditions];
  const missing: Condition[] | undefined =
    own === undefined ? [...conditions, { kind: 'missing', path: field }] : undefined;
  if (position === undefined) {
    if (!descending) add(missing, 'id');
    add(present, own?.kind === 'equal' ? 'id' : byField);
    if (descending) add(missing, 'id');
    return { field, descending, phases };
  }

  const [value, id] = position;
  if (value === null) {
    add(missing === undefined ? undefined : beyond(missing, 'id', id, descending), 'id');
    if (!descending) add(present, byField);
    return { field, descending, phases };
  }
  const others = conditions.filter(({ path }) => path !== field);
  if (byField === 'tied field') {
    add(beyond([...others, { kind: 'equal', path: field, value }], 'id', id, descending), 'id');
  }
  add(beyond(conditions, field, value, descending), byField);
  if (descending) add(missing, 'id');
  return { field, descending, phases };
}
