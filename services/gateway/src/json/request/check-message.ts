import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { didYouMean } from '@berth/kernel';
import type { Faults } from '@berth/server';
import { fieldNames, namedField } from '../descriptors/field-names.js';
import { isObject, knownTypeCheck, MAX_DEPTH, takesNull } from './check-known-type.js';
import { enumFault, scalarFault, shown } from './check-scalar.js';

/** So many faults are told of one request. */
const MAX_FAULTS = 20;

/**
 * Checks a JSON value as a message: unknown fields, values of a wrong type, a field by both of its names, two of one choice.
 * Adds each fault with the path of its field as in the proto. What it lets pass, `fromJson` of @bufbuild/protobuf takes.
 */
export function checkMessage(type: DescMessage, json: unknown, path: string, faults: Faults, depth = 0): void {
  if (faults.found.length >= MAX_FAULTS) return;
  const known = knownTypeCheck(type);
  if (known !== undefined) faults.check(path, known(json));
  else if (depth >= MAX_DEPTH) faults.add(path, `is nested more than ${String(MAX_DEPTH)} levels deep`);
  else if (!isObject(json)) faults.add(path, `must be an object, is ${shown(json)}`);
  else checkFields(type, json, path, faults, depth);
}

function checkFields(
  type: DescMessage,
  json: Readonly<Record<string, unknown>>,
  path: string,
  faults: Faults,
  depth: number,
): void {
  const given = new Set<DescField>();
  const chosen = new Map<string, string>();
  for (const [key, value] of Object.entries(json)) {
    const field = namedField(type, key);
    const at = path === '' ? (field?.name ?? key) : `${path}.${field?.name ?? key}`;
    if (field === undefined) {
      faults.add(at, `is not a field here${didYouMean(key, fieldNames(type))}`);
      continue;
    }
    if (given.has(field)) faults.add(at, `is given twice, as ${field.name} and as ${field.jsonName}`);
    given.add(field);
    if (value === null && !(field.fieldKind === 'message' && takesNull(field.message))) continue;
    if (field.oneof !== undefined) {
      const other = chosen.get(field.oneof.name);
      if (other !== undefined) faults.add(at, `cannot be together with ${other}; give one of them`);
      chosen.set(field.oneof.name, field.name);
    }
    checkField(field, value, at, faults, depth + 1);
  }
}

function checkField(field: DescField, json: unknown, at: string, faults: Faults, depth: number): void {
  if (field.fieldKind === 'list') {
    if (!Array.isArray(json)) {
      faults.add(at, `must be a list, is ${shown(json)}`);
      return;
    }
    for (const [i, value] of json.entries()) checkValue(field, value, `${at}[${String(i)}]`, faults, depth);
  } else if (field.fieldKind === 'map') {
    if (!isObject(json)) {
      faults.add(at, `must be an object of names and values, is ${shown(json)}`);
      return;
    }
    for (const [key, value] of Object.entries(json)) {
      const entry = `${at}[${key}]`;
      faults.check(entry, keyFault(field.mapKey, key));
      checkValue(field, value, entry, faults, depth);
    }
  } else checkValue(field, json, at, faults, depth);
}

/** Checks one value of a field: the field's own, of its list, or of its map. */
function checkValue(field: DescField, json: unknown, at: string, faults: Faults, depth: number): void {
  if (faults.found.length >= MAX_FAULTS) return;
  if (field.message !== undefined) checkMessage(field.message, json, at, faults, depth);
  else if (field.enum !== undefined) faults.check(at, enumFault(field.enum, json));
  else faults.check(at, scalarFault(field.scalar, json));
}

function keyFault(type: ScalarType, key: string): string | undefined {
  if (type === ScalarType.BOOL)
    return key === 'true' || key === 'false' ? undefined : 'must have the key true or false';
  return scalarFault(type, key);
}
