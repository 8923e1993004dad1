import type { DescEnum, DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import fc from 'fast-check';

const MAX_LEVELS = 3;

/** A field that need not be there is there this often: requests with everything are refused for one reason or another. */
const THERE = 0.25;

/** Names that mean something to a lab, and some that are hard to carry over HTTP. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('resource1', 'machines', 'a', 'default', 'b-2', 'attributes=[a]') },
  { weight: 1, arbitrary: fc.constantFrom('a/b', 'x:y', 'a b+c', '100%', 'ä€😀', '?&=#', '%2F', '"\\', '.', '..') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
);
/** What fields of these names are most of the time: of a lab that is not there everything is NO_SUCH_LAB. */
const USUAL: Readonly<Record<string, string>> = {
  lab: 'default',
  bench: 'resource1',
  name: 'resource1',
  kind: 'machines',
  query: 'attributes=[a]',
  order_by: '',
  page_token: '',
  pool: 'resource1',
  cluster: 'resource1',
};
const time = fc
  .integer({ min: 1_700_000_000, max: 1_900_000_000 })
  .map((seconds) => new Date(seconds * 1000).toISOString());
const span = fc.constantFrom('0s', '0.250s', '1s', '5s', '3600s', '-1s', '86400s');
const free = fc.jsonValue({ maxDepth: 2 });

const KNOWN: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'google.protobuf.Timestamp': time,
  'google.protobuf.Duration': span,
  'google.protobuf.FieldMask': fc.constantFrom('', 'name', 'labels,description', 'pageSize'),
  'google.protobuf.Struct': fc.dictionary(text, free, { maxKeys: 3 }),
  'google.protobuf.Value': free,
  'google.protobuf.ListValue': fc.array(free, { maxLength: 3 }),
};

/**
 * Requests of a type as protobuf's JSON, made from its descriptor alone. Fields named in `always` are there, and a field
 * `request_id` is `requestId`, so that a repeat gets the answer of the first call.
 */
export function generatedRequest(
  type: DescMessage,
  always: readonly string[],
  requestId: string,
): fc.Arbitrary<JsonObject> {
  return message(type, always, requestId, 0) as fc.Arbitrary<JsonObject>;
}

function message(
  type: DescMessage,
  always: readonly string[],
  requestId: string,
  level: number,
): fc.Arbitrary<unknown> {
  const known = KNOWN[type.typeName];
  if (known !== undefined) return known;
  const fields = type.fields.filter((field) => level < MAX_LEVELS || field.message === undefined);
  const values: Record<string, fc.Arbitrary<unknown>> = {};
  const required: string[] = [];
  for (const field of fields) {
    const below = always
      .filter((path) => path.startsWith(`${field.name}.`))
      .map((path) => path.slice(field.name.length + 1));
    values[field.jsonName] =
      field.name === 'request_id' ? fc.constant(requestId) : fieldValue(field, below, requestId, level);
    if (below.length > 0 || always.includes(field.name) || field.name === 'request_id') required.push(field.jsonName);
  }
  const chance = fc.record(
    Object.fromEntries(Object.keys(values).map((key) => [key, fc.double({ min: 0, max: 1, noNaN: true })])),
  );
  // At most one field of each choice.
  return fc.tuple(fc.record(values), chance).map(([made, chances]) => {
    const chosen = new Set<string>();
    return Object.fromEntries(
      Object.entries(made).filter(([key]) => {
        if (!required.includes(key) && (chances[key] ?? 1) > THERE) return false;
        const oneof = fields.find(({ jsonName }) => jsonName === key)?.oneof?.name;
        if (oneof === undefined) return true;
        const isFirst = !chosen.has(oneof);
        chosen.add(oneof);
        return isFirst;
      }),
    );
  });
}

function fieldValue(
  field: DescField,
  always: readonly string[],
  requestId: string,
  level: number,
): fc.Arbitrary<unknown> {
  const value = oneValue(field, always, requestId, level);
  if (field.fieldKind === 'list') return fc.array(value, { minLength: 1, maxLength: 2 });
  if (field.fieldKind === 'map') return fc.dictionary(text, value, { minKeys: 1, maxKeys: 2 });
  return value;
}

function oneValue(
  field: DescField,
  always: readonly string[],
  requestId: string,
  level: number,
): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return message(field.message, always, requestId, level + 1);
  if (field.enum !== undefined) return enumValue(field.enum);
  const usual = USUAL[field.name];
  if (field.scalar !== ScalarType.STRING || usual === undefined) return scalarValue(field.scalar);
  return fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: text });
}

function enumValue(type: DescEnum): fc.Arbitrary<JsonValue> {
  return fc.constantFrom(...type.values.map(({ name }) => name));
}

function scalarValue(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return fc.constantFrom(0.5, 1, -2.25, 100);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.constantFrom('0', '1', '-1', '12', '9007199254740993');
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.constantFrom('0', '1', '9007199254740993');
    default:
      return fc.constantFrom(0, 1, 2, 7);
  }
}
