import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { fieldAt } from '../descriptors/field-names.js';
import type { HttpBinding } from '../descriptors/http-bindings.js';
import { knownTypeCheck } from '../request/check-known-type.js';
import type { Schema, Schemas } from './schemas.js';

/** So deep the fields of messages in a request are listed as parameters of their own. */
const MAX_LEVELS = 4;

/** The parameters in the path of a binding; `names` are those that the path writes, in the order of its variables. */
export function pathParameters(
  type: DescMessage,
  { template }: HttpBinding,
  names: readonly string[],
  schemas: Schemas,
): readonly Schema[] {
  return template.variables.map(({ field }, i) => {
    const found = fieldAt(type, field);
    const { description, ...schema } = found === undefined ? {} : schemas.ofField(found);
    return {
      name: names[i] ?? field,
      in: 'path',
      required: true,
      schema,
      ...(description !== undefined && { description }),
    };
  });
}

/** The parameters in the query of a binding: all fields that neither path nor body say. */
export function queryParameters(
  type: DescMessage,
  { template, body }: HttpBinding,
  schemas: Schemas,
): readonly Schema[] {
  if (body === '*') return [];
  const taken = new Set([body, ...template.variables.map(({ field }) => field)]);
  return parametersOf(type, '', taken, schemas, []);
}

function parametersOf(
  type: DescMessage,
  prefix: string,
  taken: ReadonlySet<string>,
  schemas: Schemas,
  above: readonly DescMessage[],
): readonly Schema[] {
  if (above.length >= MAX_LEVELS || above.includes(type)) return [];
  return type.fields.flatMap((field) => {
    const name = prefix + field.name;
    if (taken.has(name)) return [];
    if (field.fieldKind === 'message' && knownTypeCheck(field.message) === undefined) {
      return parametersOf(field.message, `${name}.`, taken, schemas, [...above, type]);
    }
    return [parameter(field, name, schemas)];
  });
}

function parameter(field: DescField, name: string, schemas: Schemas): Schema {
  const { description, ...schema } = schemas.ofField(field);
  const told = description === undefined ? {} : { description };
  if (field.fieldKind === 'map') return { name, in: 'query', ...told, style: 'deepObject', explode: true, schema };
  if (field.fieldKind === 'list' && field.message !== undefined && knownTypeCheck(field.message) === undefined) {
    const items = { type: 'string', contentMediaType: 'application/json', contentSchema: schemas.ofValue(field) };
    return { name, in: 'query', ...told, schema: { type: 'array', items } };
  }
  return { name, in: 'query', ...told, schema };
}
