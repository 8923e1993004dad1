import type { DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { knownTypeCheck } from './request/check-known-type.js';
import { fieldAt, namedField } from './descriptors/field-names.js';
import type { HttpBinding } from './descriptors/http-bindings.js';

/** An HTTP request as a client writes it. */
export interface WrittenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string | undefined;
}

/** How a client that follows google/api/http.proto writes a request, given as protobuf's JSON. */
export function writtenRequest(
  type: DescMessage,
  { method, template, body }: HttpBinding,
  request: JsonObject,
): WrittenRequest {
  const rest = structuredClone(request);
  const values = template.variables.map(({ field }) => takeAt(type, rest, field));
  const parts = template.segments.map((segment) => (segment.kind === 'literal' ? segment.text : ''));
  for (const [i, { from }] of template.variables.entries()) parts[from] = encodeURIComponent(values[i] ?? '');
  const path = `/${parts.join('/')}${template.verb === '' ? '' : `:${template.verb}`}`;
  if (body === '*') return { method, url: path, body: JSON.stringify(rest) };
  const field = body === '' ? undefined : namedField(type, body);
  const own = field === undefined ? undefined : rest[field.jsonName];
  if (field !== undefined) Reflect.deleteProperty(rest, field.jsonName);
  const query = new URLSearchParams();
  writeFields(type, rest, '', query);
  const text = query.toString();
  return {
    method,
    url: text === '' ? path : `${path}?${text}`,
    body: own === undefined ? undefined : JSON.stringify(own),
  };
}

/** Takes the value at a field's path out of a message. */
function takeAt(type: DescMessage, json: JsonObject, path: string): string {
  const [first = '', ...rest] = path.split('.');
  const field = namedField(type, first);
  const value = json[field?.jsonName ?? ''];
  if (rest.length > 0 && field?.message !== undefined)
    return takeAt(field.message, value as JsonObject, rest.join('.'));
  Reflect.deleteProperty(json, field?.jsonName ?? '');
  return valueText(value ?? '', undefined);
}

/** Writes a message as parameters: each value by its path, in the names of the proto. */
export function writeFields(type: DescMessage, json: JsonObject, prefix: string, query: URLSearchParams): void {
  for (const [key, value] of Object.entries(json)) {
    const field = fieldAt(type, key);
    if (field === undefined) throw new Error(`${type.typeName} has no field ${key}`);
    const name = prefix + field.name;
    if (field.fieldKind === 'list')
      for (const each of value as JsonValue[]) query.append(name, valueText(each, field.message));
    else if (field.fieldKind === 'map') {
      for (const [entry, each] of Object.entries(value as JsonObject)) {
        query.append(`${name}[${entry}]`, valueText(each, field.message));
      }
    } else if (field.fieldKind === 'message' && knownTypeCheck(field.message) === undefined) {
      const inner = value as JsonObject;
      // An empty message has no parameter of its own.
      if (Object.keys(inner).length === 0) query.append(name, '{}');
      else writeFields(field.message, inner, `${name}.`, query);
    } else query.append(name, valueText(value, field.message));
  }
}

/** Types that stand in a query as they are; all other messages as JSON. */
const TEXTS = /\.(Timestamp|Duration|FieldMask|(Double|Float|U?Int32|U?Int64|Bool|String|Bytes)Value)$/;

function valueText(value: JsonValue, type: DescMessage | undefined): string {
  if (typeof value === 'object' || (type !== undefined && !TEXTS.test(type.typeName))) return JSON.stringify(value);
  return Object.is(value, -0) ? '-0' : String(value);
}
