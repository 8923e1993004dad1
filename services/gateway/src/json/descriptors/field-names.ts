import type { DescField, DescMessage } from '@bufbuild/protobuf';

const tables = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

/** The field of a message by the name in the proto (`page_size`) or in JSON (`pageSize`); undefined when it has none. */
export function namedField(message: DescMessage, name: string): DescField | undefined {
  let table = tables.get(message);
  if (table === undefined) {
    table = new Map(
      message.fields.flatMap((field) => [[field.name, field] as const, [field.jsonName, field] as const]),
    );
    tables.set(message, table);
  }
  return table.get(name);
}

/** The field at the end of a path such as `requirement.query`; undefined when a part of it is not a field. */
export function fieldAt(message: DescMessage, path: string): DescField | undefined {
  const [first = '', ...rest] = path.split('.');
  const field = namedField(message, first);
  if (rest.length === 0 || field?.fieldKind !== 'message') return rest.length === 0 ? field : undefined;
  return fieldAt(field.message, rest.join('.'));
}

/** The names of a message's fields, as in the proto. */
export function fieldNames(message: DescMessage): readonly string[] {
  return message.fields.map(({ name }) => name);
}
