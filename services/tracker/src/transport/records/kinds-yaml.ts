import type { BerthError } from '@berth/kernel';
import { invalidConfig, parseYamlText, schemaFaults } from '@berth/server';
import { z } from 'zod';
import type { FieldSchema, FieldType, FieldValue, Kind } from '../../domain/records/index.js';
import {
  BUILT_IN_KINDS,
  checkValue,
  FIELD_TYPES,
  isOrdered,
  MAX_ORDERED_FIELDS,
  patternOf,
  RESERVED_FIELDS,
} from '../../domain/records/index.js';

const TYPES = FIELD_TYPES.map((type) => type.toLowerCase().replace('_', '-'));
const MAX_PROSE = 1024;

const field = z.strictObject({
  type: z.enum(TYPES).default('string'),
  required: z.boolean().default(false),
  unique: z.boolean().default(false),
  ignoreCase: z.boolean().optional(),
  allowed: z.array(z.union([z.string().min(1), z.number()])).default([]),
  pattern: z.string().default(''),
  default: z.unknown().optional(),
  description: z.string().max(MAX_PROSE).default(''),
});

const kind = z.strictObject({
  description: z.string().max(MAX_PROSE).default(''),
  fields: z.record(z.string(), field),
});

const file = z.strictObject({ kinds: z.record(z.string(), kind) });

type GivenField = z.output<typeof field>;
type YamlFile = ReturnType<typeof parseYamlText>;
type Path = Parameters<YamlFile['locate']>[0];

/** What a file of kinds says, or all that is wrong with it. */
export interface ReadKinds extends Pick<YamlFile, 'faults' | 'locate'> {
  readonly kinds: readonly Kind[];
}

const KIND_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** Unique fields with these names hold host names, which are the same in upper and lower case. */
const HOST_NAMES: readonly string[] = ['hostname', 'host_name', 'fqdn'];
const FIELD_NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** Reads the text of a file of kinds; `name` is what it is called in faults. */
export function readKinds(text: string, name: string): ReadKinds {
  const yaml = parseYamlText(text, name);
  const { locate } = yaml;
  if (yaml.faults.length > 0) return { kinds: [], ...yaml };
  const faults: YamlFile['faults'][number][] = [];
  const fault = (path: Path, message: string): void => {
    faults.push({ where: locate(path), path: path.join('.'), message });
  };
  // An empty file has no kinds besides the built-in ones.
  const parsed = file.safeParse(yaml.value ?? { kinds: {} });
  if (!parsed.success) return { kinds: [], faults: schemaFaults(file, parsed.error, locate), locate };
  const kinds = Object.entries(parsed.data.kinds).map(([kindName, given]) => {
    const path = ['kinds', kindName];
    checkKindName(kindName, path, fault);
    const fields = Object.entries(given.fields).map(([fieldName, one]) =>
      readField(fieldName, one, [...path, 'fields', fieldName], fault),
    );
    if (fields.length === 0) fault([...path, 'fields'], 'is empty; a kind has at least one field');
    if (fields.filter(isOrdered).length > MAX_ORDERED_FIELDS) {
      fault([...path, 'fields'], `has too many fields; a kind may have ${MAX_ORDERED_FIELDS} besides lists`);
    }
    return { name: kindName, description: given.description, fields, builtIn: false };
  });
  return { kinds, faults, locate };
}

/** What it is called in messages. */
export const KINDS_FILE = 'the file of kinds';

/** INVALID_CONFIG that names every fault. */
export function invalidKinds(faults: YamlFile['faults']): BerthError {
  return invalidConfig(faults, KINDS_FILE, 'nothing of it is used');
}

type AddFault = (path: Path, message: string) => void;

function checkKindName(name: string, path: Path, fault: AddFault): void {
  if (!KIND_NAME.test(name)) {
    fault(
      path,
      "is no name of a kind; 1 to 64 lower-case letters, digits and '-' are allowed, and it starts with no '-'",
    );
  }
  if (BUILT_IN_KINDS.some((one) => one.name === name)) {
    fault(path, 'is a kind that Berth brings, and cannot be changed; choose another name');
  }
}

function readField(name: string, given: GivenField, path: Path, fault: AddFault): FieldSchema {
  if (!FIELD_NAME.test(name) || name in Object.prototype) {
    fault(
      path,
      "is no name of a field; 1 to 64 lower-case letters, digits and '_' are allowed, and it starts with a letter",
    );
  }
  if (RESERVED_FIELDS.includes(name))
    fault(path, `is what every record has; other names than ${RESERVED_FIELDS.join(', ')}`);
  const type = given.type.toUpperCase().replace('-', '_') as FieldType;
  const { required, unique, pattern, description } = given;
  const allowed = given.allowed.map(String);
  if (unique && type === 'STRINGS')
    fault([...path, 'unique'], 'a list cannot be unique; make it a field with one value');
  if (given.ignoreCase === true && type !== 'STRING') fault([...path, 'ignoreCase'], 'is for texts only');
  const ignoreCase = type === 'STRING' && (given.ignoreCase ?? (unique && HOST_NAMES.includes(name)));
  const goodPattern = checkPattern(type, pattern, [...path, 'pattern'], fault) ? pattern : '';
  if (allowed.length > 0 && !['STRING', 'STRINGS', 'NUMBER'].includes(type)) {
    fault([...path, 'allowed'], 'is for texts and numbers only');
  }
  for (const [index, value] of given.allowed.entries()) {
    const item = type === 'STRINGS' ? [value] : value;
    const checked = checkValue({ type, allowed: [], pattern: goodPattern }, item);
    if ('fault' in checked) fault([...path, 'allowed', index], checked.fault);
  }
  const fallback = readDefault({ type, allowed, pattern: goodPattern }, given.default, [...path, 'default'], fault);
  if (unique && fallback !== undefined)
    fault([...path, 'default'], 'a unique field cannot have a default: the second record would have the same');
  return {
    ...{ name, type, required, unique, allowed, pattern: goodPattern, default: fallback, description },
    ...(ignoreCase && { ignoreCase }),
  };
}

function checkPattern(type: FieldType, pattern: string, path: Path, fault: AddFault): boolean {
  if (pattern === '') return true;
  if (type !== 'STRING' && type !== 'STRINGS') fault(path, 'is for texts only');
  try {
    patternOf(pattern);
    return true;
  } catch (error) {
    fault(path, `is no regular expression: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

function readDefault(
  rules: Pick<FieldSchema, 'type' | 'allowed' | 'pattern'>,
  given: unknown,
  path: Path,
  fault: AddFault,
): FieldValue | undefined {
  if (given === undefined || given === null) return undefined;
  const checked = checkValue(rules, given);
  if ('value' in checked) return checked.value;
  fault(path, checked.fault);
  return undefined;
}
