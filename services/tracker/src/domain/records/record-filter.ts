import { bitsOf, parseAddress } from './address.js';
import type { AddressRange } from './address-range.js';
import { parseAddressRange } from './address-range.js';
import type { CheckedValue } from './field-value.js';
import { checkValue } from './field-value.js';
import type { FieldSchema, Fields } from './kind.js';
import { addressKey, foldCase, orderKey } from './order-key.js';

/** What a field must be, by the keys of its values (for lists: by their items). */
export type KeyCondition =
  | { readonly kind: 'in'; readonly keys: readonly string[] }
  /** from ≤ key < until, in the order of code points. */
  | { readonly kind: 'range'; readonly from?: string; readonly until?: string; readonly upTo?: string }
  | { readonly kind: 'prefix'; readonly prefix: string };

/** A condition on a field of a kind. */
export interface RecordFilter {
  readonly field: FieldSchema;
  readonly condition: KeyCondition;
}

/** A condition as a client gave it. */
export type GivenCondition =
  | { readonly kind: 'equals'; readonly value: unknown }
  | { readonly kind: 'oneOf'; readonly values: readonly unknown[] }
  | { readonly kind: 'range'; readonly from: unknown; readonly until: unknown }
  | { readonly kind: 'prefix'; readonly prefix: string };

export type CheckedFilter = { readonly filter: RecordFilter } | { readonly fault: string };

const MAX_ONE_OF = 1000;

/** Checks a condition, or says what is wrong and what is allowed. */
export function checkFilter(field: FieldSchema, given: GivenCondition): CheckedFilter {
  switch (given.kind) {
    case 'equals':
      return keysCondition(field, [given.value]);
    case 'oneOf':
      if (given.values.length > MAX_ONE_OF) {
        return { fault: `has ${given.values.length} values; at most ${MAX_ONE_OF} are allowed` };
      }
      return keysCondition(field, given.values);
    case 'range':
      return rangeCondition(field, given.from, given.until);
    case 'prefix':
      return prefixCondition(field, given.prefix);
  }
}

/** Whether a record with these fields passes. */
export function passes({ field, condition }: RecordFilter, fields: Fields): boolean {
  const value = fields[field.name];
  if (value === undefined) return false;
  if (field.type === 'STRINGS') {
    return condition.kind === 'in' && (value as readonly string[]).some((item) => condition.keys.includes(item));
  }
  const key = orderKey(field, value);
  switch (condition.kind) {
    case 'in':
      return condition.keys.includes(key);
    case 'prefix':
      return key.startsWith(condition.prefix);
    case 'range': {
      const { from, until, upTo } = condition;
      return (
        (from === undefined || compareCodePoints(from, key) <= 0) &&
        (until === undefined || compareCodePoints(key, until) < 0) &&
        (upTo === undefined || compareCodePoints(key, upTo) <= 0)
      );
    }
  }
}

/** The order in which stores keep texts; `<` would compare halves of surrogate pairs. */
export function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function keysCondition(field: FieldSchema, values: readonly unknown[]): CheckedFilter {
  const keys: string[] = [];
  for (const value of values) {
    const checked = keyOf(field, value);
    if ('fault' in checked) return checked;
    keys.push(checked.key);
  }
  return { filter: { field, condition: { kind: 'in', keys: [...new Set(keys)] } } };
}

function rangeCondition(field: FieldSchema, from: unknown, until: unknown): CheckedFilter {
  if (field.type === 'STRINGS')
    return { fault: 'is a list, which has no range; ask for equality with one of its items' };
  const bounds: { from?: string; until?: string } = {};
  for (const [bound, value] of [
    ['from', from],
    ['until', until],
  ] as const) {
    if (value === undefined || value === null) continue;
    const checked = keyOf(field, value);
    if ('fault' in checked) return { fault: `${bound} ${checked.fault}` };
    bounds[bound] = checked.key;
  }
  return { filter: { field, condition: { kind: 'range', ...bounds } } };
}

function prefixCondition(field: FieldSchema, prefix: string): CheckedFilter {
  if (field.type === 'ADDRESS') {
    const range = addressPrefix(prefix);
    if (range === undefined) {
      return { fault: `is ${JSON.stringify(prefix)}; give a CIDR such as 10.0.0.0/8, or whole octets such as 10.0.` };
    }
    const { family, first, last } = range;
    const from = addressKey({ family, value: first });
    return { filter: { field, condition: { kind: 'range', from, upTo: addressKey({ family, value: last }) } } };
  }
  if (field.type !== 'STRING') return { fault: 'is no text; prefixes are for texts and addresses' };
  const key = field.ignoreCase === true ? foldCase(prefix) : prefix;
  return { filter: { field, condition: { kind: 'prefix', prefix: key } } };
}

/** Addresses that begin with a CIDR's bits, or with whole octets: `10.0.` is 10.0.0.0/16. */
function addressPrefix(prefix: string): AddressRange | undefined {
  const octets = /^(\d{1,3}\.){1,3}$/.test(prefix) ? prefix.split('.').slice(0, -1) : undefined;
  if (octets !== undefined) {
    const address = parseAddress([...octets, '0', '0', '0'].slice(0, 4).join('.'));
    if (address === undefined) return undefined;
    const size = 1n << BigInt(bitsOf(4) - 8 * octets.length);
    return { family: 4, first: address.value, last: address.value + size - 1n, prefixBits: 8 * octets.length };
  }
  const parsed = parseAddressRange(prefix);
  return 'range' in parsed ? parsed.range : undefined;
}

/** The key of a value to compare with; what is allowed for the field as a value matters not here, its type does. */
function keyOf(field: FieldSchema, value: unknown): { key: string } | { fault: string } {
  if (field.type === 'STRINGS') {
    return typeof value === 'string'
      ? { key: value }
      : { fault: 'is a list of texts; compare with a text, one of its items' };
  }
  // A state that does not exist is a mistake that should not look like "none".
  const checked: CheckedValue = checkValue({ ...field, pattern: '' }, value);
  return 'fault' in checked ? checked : { key: orderKey(field, checked.value) };
}
