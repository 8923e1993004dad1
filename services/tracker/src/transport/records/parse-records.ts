import type { FieldFilter } from '@berth/proto/berth/tracker/v1/record';
import type { Faults } from '@berth/server';
import { lineFault } from '@berth/server';
import type { FieldSchema, GivenCondition, GivenFields, Kind, RecordFilter } from '../../domain/records/index.js';
import { checkFilter, fieldNamed, fieldNames, isOrdered } from '../../domain/records/index.js';

/** The most that one call may take. */
export const MAX_RECORDS = 1000;
const MAX_FILTERS = 32;
const MAX_RECORD_NAME = 1024;
const CLAIMED_BY = 'claimed_by';

/** What records are asked for. */
export interface ParsedFilters {
  readonly filters: readonly RecordFilter[];
  readonly claimedBy?: readonly string[];
}

/** Conditions on the fields of a kind, and on `claimed_by` (equality; an empty text: nobody). */
export function parseFilters(kind: Kind, given: readonly FieldFilter[], faults: Faults, claims = true): ParsedFilters {
  if (given.length > MAX_FILTERS)
    faults.add('filters', `has ${given.length} conditions; at most ${MAX_FILTERS} are allowed`);
  const filters: RecordFilter[] = [];
  let claimedBy: readonly string[] | undefined;
  for (const [index, filter] of given.slice(0, MAX_FILTERS).entries()) {
    const path = `filters[${index}]`;
    const condition = conditionOf(filter);
    if (condition === undefined) {
      faults.add(path, 'has no condition; give equals, one_of, range or prefix');
      continue;
    }
    if (claims && filter.field === CLAIMED_BY) {
      claimedBy = parseOwners(condition, path, faults);
      continue;
    }
    const field = fieldNamed(kind, filter.field);
    if (field === undefined) {
      faults.add(`${path}.field`, noSuchField(kind, filter.field));
      continue;
    }
    const checked = checkFilter(field, condition);
    if ('fault' in checked) faults.add(path, `${field.name}: ${checked.fault}`);
    else filters.push(checked.filter);
  }
  return { filters, ...(claimedBy !== undefined && { claimedBy }) };
}

/** What a list is ordered by; no field: by creation. */
export function parseOrder(
  kind: Kind,
  orderBy: string,
  faults: Faults,
): { readonly field: FieldSchema | undefined; readonly descending: boolean } {
  const [name = '', direction = 'asc', more] = orderBy.trim().split(/\s+/);
  const descending = direction === 'desc';
  if (more !== undefined || !['asc', 'desc'].includes(direction)) {
    faults.add('order_by', `is ${JSON.stringify(orderBy)}; give a field, and ' desc' for the reverse`);
  }
  if (name === '' || name === 'create_time') return { field: undefined, descending };
  const field = fieldNamed(kind, name);
  if (field === undefined) faults.add('order_by', `${noSuchField(kind, name)}, create_time`);
  else if (!isOrdered(field)) faults.add('order_by', `${name} is a list, which has no order`);
  return { field, descending };
}

/** The names of fields in a mask; `fields.` before them is taken off. Undefined when it is empty. */
export function parseMask(mask: readonly string[] | undefined): readonly string[] | undefined {
  if (mask === undefined || mask.length === 0) return undefined;
  return [...new Set(mask.map((path) => path.replace(/^fields\./, '')))];
}

/** A mask of what to read: only fields that the kind has. */
export function parseReadMask(
  kind: Kind,
  mask: readonly string[] | undefined,
  faults: Faults,
): readonly string[] | undefined {
  const names = parseMask(mask);
  for (const name of names ?? [])
    if (fieldNamed(kind, name) === undefined) faults.add('read_mask', noSuchField(kind, name));
  return names;
}

/** Fields as a client gave them. A null stands for no value. */
export function givenFields(fields: Readonly<Record<string, unknown>> | undefined): GivenFields {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== null && value !== undefined));
}

/** How many are claimed. */
export function parseCount(count: number | undefined, faults: Faults): number {
  if (count === undefined) return 1;
  if (count < 1 || count > MAX_RECORDS) faults.add('count', `is ${count}; 1 to ${MAX_RECORDS} are allowed`);
  return count;
}

export function checkNamed(field: string, name: string, faults: Faults): void {
  if (name === '') faults.add(field, 'is missing; give an id, or the value of the unique field');
  else faults.check(field, lineFault(name.trim(), MAX_RECORD_NAME));
}

function noSuchField(kind: Kind, name: string): string {
  return `${kind.name} have no field ${JSON.stringify(name)}; they have ${fieldNames(kind)}`;
}

function conditionOf({ condition }: FieldFilter): GivenCondition | undefined {
  switch (condition?.$case) {
    case 'equals':
      return { kind: 'equals', value: condition.value as unknown };
    case 'oneOf':
      return { kind: 'oneOf', values: (condition.value ?? []) as unknown[] };
    case 'range':
      return { kind: 'range', from: condition.value.from as unknown, until: condition.value.until as unknown };
    case 'prefix':
      return { kind: 'prefix', prefix: condition.value };
    default:
      return undefined;
  }
}

function parseOwners(condition: GivenCondition, path: string, faults: Faults): readonly string[] | undefined {
  const values =
    condition.kind === 'equals' ? [condition.value] : condition.kind === 'oneOf' ? condition.values : undefined;
  if (values?.every((value) => typeof value === 'string') === true) return values;
  faults.add(path, 'claimed_by: give equals or one_of, with texts');
  return undefined;
}
