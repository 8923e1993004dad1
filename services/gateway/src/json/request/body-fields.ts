import type { DescMessage } from '@bufbuild/protobuf';
import type { Faults } from '@berth/server';
import { namedField } from '../descriptors/field-names.js';
import { isObject } from './check-known-type.js';
import { parameterValue } from './parameter-value.js';
import type { JsonFields } from './read-query.js';

/**
 * Sets a field that the path says in JSON that a client wrote, with either name of its fields. A fault where the client says
 * another value there; an empty text is none. `path` is the field's, for example `bench.name`.
 */
export function setInBody(type: DescMessage, json: JsonFields, path: string, text: string, faults: Faults): void {
  const parts = path.split('.');
  let message = type;
  let fields = json;
  for (const [i, part] of parts.entries()) {
    const field = namedField(message, part);
    if (field === undefined) return;
    const key =
      Object.hasOwn(fields, field.name) || !Object.hasOwn(fields, field.jsonName) ? field.name : field.jsonName;
    const there = fields[key] ?? undefined;
    if (i === parts.length - 1) {
      if (!isSame(there, text))
        faults.add(path, `is ${JSON.stringify(text)} in the path and ${JSON.stringify(there)} in the body`);
      fields[key] = parameterValue(field, text, path, faults);
      return;
    }
    // What is not an object there is found when the message is checked.
    if (there !== undefined && !isObject(there)) return;
    const inner = there ?? {};
    fields[key] = inner;
    fields = inner;
    if (field.message === undefined) return;
    message = field.message;
  }
}

/** Whether a value in a body says nothing, or what the path says. */
function isSame(there: unknown, text: string): boolean {
  if (there === undefined || there === '') return true;
  return typeof there === 'number' || typeof there === 'boolean' ? String(there) === text : there === text;
}
