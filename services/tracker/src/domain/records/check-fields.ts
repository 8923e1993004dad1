import type { FieldViolation } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { checkValue } from './field-value.js';
import type { FieldSchema, Fields, FieldValue, Kind } from './kind.js';
import { fieldNamed, fieldNames } from './kind.js';

/** In characters of JSON; so a record is a small part of an answer. */
const MAX_SIZE = 16_384;

/** Values as a client gave them. */
export type GivenFields = Readonly<Record<string, unknown>>;

/** Fields in canonical form, with everything that is wrong with them; then the fields are incomplete. */
export interface CheckedFields {
  readonly fields: Fields;
  readonly violations: readonly FieldViolation[];
}

/** The fields of a new record: what was given, and the defaults. `path` is where they stand in the request. */
export function checkNewFields(kind: Kind, given: GivenFields, path: string): CheckedFields {
  const violations: FieldViolation[] = [];
  const fields: Record<string, FieldValue> = {};
  for (const schema of kind.fields) {
    const value = given[schema.name] ?? schema.default;
    if (value === undefined) continue;
    take(schema, value, `${path}.${schema.name}`, fields, violations);
  }
  violations.push(...unknownFields(kind, Object.keys(given), path), ...missingFields(kind, given, fields, path));
  violations.push(...sizeFault(fields, path));
  return { fields, violations };
}

/**
 * The fields of a record after an update of those in `mask`; one of them without a value is removed. Fields that the kind
 * does not know (any more) stay as they are unless they are named.
 */
export function checkUpdatedFields(
  kind: Kind,
  before: Fields,
  given: GivenFields,
  mask: readonly string[],
  path: string,
): CheckedFields {
  const violations: FieldViolation[] = [];
  const fields: Record<string, FieldValue> = { ...before };
  for (const name of new Set(mask)) {
    const schema = fieldNamed(kind, name);
    const value = given[name] ?? undefined;
    if (value === undefined) Reflect.deleteProperty(fields, name);
    else if (schema !== undefined) take(schema, value, `${path}.${name}`, fields, violations);
  }
  const unknown = [...new Set([...mask, ...Object.keys(given)])].filter((name) => !Object.hasOwn(before, name));
  violations.push(...unknownFields(kind, unknown, path), ...missingFields(kind, given, fields, path));
  violations.push(...sizeFault(fields, path));
  return { fields, violations };
}

/** Throws RECORD_INVALID for violations. */
export function throwViolations(kind: Kind, violations: readonly FieldViolation[]): void {
  if (violations.length === 0) return;
  const lines = violations.map(({ field, description }) => `${field}: ${description}`);
  const count = lines.length === 1 ? '' : `${lines.length} faults: `;
  throw new BerthError('RECORD_INVALID', `${kind.name}: ${count}${lines.join('; ')}`, {
    fields: violations,
    metadata: { kind: kind.name },
  });
}

function take(
  schema: FieldSchema,
  given: unknown,
  path: string,
  into: Record<string, FieldValue>,
  violations: FieldViolation[],
): void {
  const checked = checkValue(schema, given);
  if ('fault' in checked) violations.push({ field: path, description: checked.fault });
  else into[schema.name] = checked.value;
}

function unknownFields(kind: Kind, names: readonly string[], path: string): FieldViolation[] {
  return names
    .filter((name) => fieldNamed(kind, name) === undefined)
    .map((name) => ({
      field: `${path}.${name}`,
      description: `${kind.name} have no such field; they have ${fieldNames(kind)}`,
    }));
}

function missingFields(kind: Kind, given: GivenFields, fields: Fields, path: string): FieldViolation[] {
  return kind.fields
    .filter(
      ({ name, required }) => required && !Object.hasOwn(fields, name) && (given[name] ?? undefined) === undefined,
    )
    .map(({ name, type, allowed }) => ({
      field: `${path}.${name}`,
      description: `is missing; ${kind.name} need it (${allowed.length > 0 ? allowed.join(', ') : type.toLowerCase()})`,
    }));
}

function sizeFault(fields: Fields, path: string): FieldViolation[] {
  const size = JSON.stringify(fields).length;
  if (size <= MAX_SIZE) return [];
  return [{ field: path, description: `take ${size} characters as JSON; at most ${MAX_SIZE} are allowed` }];
}
