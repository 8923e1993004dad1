/** The types of fields. */
export type FieldType = 'STRING' | 'NUMBER' | 'BOOLEAN' | 'STRINGS' | 'ADDRESS' | 'ADDRESS_RANGE';

export const FIELD_TYPES: readonly FieldType[] = ['STRING', 'NUMBER', 'BOOLEAN', 'STRINGS', 'ADDRESS', 'ADDRESS_RANGE'];

/** A value of a field, in canonical form. */
export type FieldValue = string | number | boolean | readonly string[];

/** The fields of a record, by name; those without a value are absent. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** What one field of a record may be. */
export interface FieldSchema {
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly unique: boolean;
  /** Absent = unique in its kind only; else also among the fields of other kinds with this word. */
  readonly uniqueAmong?: string;
  /** Values that differ only in case, or in how Unicode composes them, are one value; each is shown as it was written. */
  readonly ignoreCase?: boolean;
  /** Empty = any. */
  readonly allowed: readonly string[];
  /** A regular expression for the whole text; empty = any. */
  readonly pattern: string;
  /** Checked and in canonical form; undefined = absent. */
  readonly default: FieldValue | undefined;
  readonly description: string;
}

/** What records of a kind look like. */
export interface Kind {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly FieldSchema[];
  readonly builtIn: boolean;
}

/** Fields with one value that a kind may have: each has an index of its own. */
export const MAX_ORDERED_FIELDS = 24;

/** What records have besides their fields; fields have other names. */
export const RESERVED_FIELDS: readonly string[] = [
  'id',
  'kind',
  'etag',
  'create_time',
  'update_time',
  'delete_time',
  'claimed_by',
  'claim_time',
];

/** Lists are found by what is in them; all other fields have an order. */
export function isOrdered({ type }: FieldSchema): boolean {
  return type !== 'STRINGS';
}

/** The field by which a record can be named: the first unique one; undefined when there is none. */
export function nameField(kind: Kind): FieldSchema | undefined {
  return kind.fields.find((field) => field.unique);
}

export function fieldNamed(kind: Kind, name: string): FieldSchema | undefined {
  return kind.fields.find((field) => field.name === name);
}

/** The names of a kind's fields, for messages. */
export function fieldNames(kind: Kind): string {
  return kind.fields.map((field) => field.name).join(', ');
}
