import type { DescEnum, DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import type { Comments } from './comments.js';

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

const KNOWN: Readonly<Record<string, Schema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time', examples: ['2026-01-31T09:30:00Z'] },
  'google.protobuf.Duration': {
    type: 'string',
    pattern: String.raw`^-?\d{1,12}(\.\d{1,9})?s$`,
    examples: ['3s', '0.5s'],
  },
  'google.protobuf.FieldMask': { type: 'string', description: 'Names of fields with commas between.' },
  'google.protobuf.Struct': { type: 'object', additionalProperties: true },
  'google.protobuf.Value': { description: 'Any JSON value.' },
  'google.protobuf.ListValue': { type: 'array', items: {} },
  'google.protobuf.Any': {
    type: 'object',
    properties: {
      '@type': { type: 'string', description: 'Its type, such as type.googleapis.com/google.rpc.ErrorInfo.' },
    },
    required: ['@type'],
    additionalProperties: true,
  },
};

/** The schemas of messages and enums, each by its full name; those that are used are collected. */
export class Schemas {
  readonly #made = new Map<string, Schema>();

  constructor(private readonly comments: Comments) {}

  /** All schemas that were referred to, by name. */
  get all(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#made].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** A reference to a message's schema, or the schema itself of one that JSON writes in a way of its own. */
  ofMessage(type: DescMessage): Schema {
    const known = KNOWN[type.typeName];
    if (known !== undefined) return known;
    const [value] = type.fields;
    if (type.file.proto.package === 'google.protobuf' && type.fields.length === 1 && value?.fieldKind === 'scalar') {
      return scalarSchema(value.scalar);
    }
    if (!this.#made.has(type.typeName)) {
      // Before its fields: a message may hold itself.
      this.#made.set(type.typeName, {});
      this.#made.set(type.typeName, this.#objectSchema(type));
    }
    return reference(type.typeName);
  }

  /** The schema of a field, with its comment. */
  ofField(field: DescField): Schema {
    const schema = this.#shape(field);
    const description = this.comments.of(field);
    return description === '' ? schema : { ...schema, description };
  }

  /** The schema of one value of a field: the field's own, of its list, or of its map. */
  ofValue(field: DescField): Schema {
    if (field.message !== undefined) return this.ofMessage(field.message);
    if (field.enum !== undefined) return this.#ofEnum(field.enum);
    return scalarSchema(field.scalar);
  }

  #shape(field: DescField): Schema {
    const value = this.ofValue(field);
    if (field.fieldKind === 'list') return { type: 'array', items: value };
    if (field.fieldKind === 'map') return { type: 'object', additionalProperties: value };
    return value;
  }

  #objectSchema(type: DescMessage): Schema {
    const choices = type.oneofs.map(
      ({ fields }) => `At most one of: ${fields.map(({ jsonName }) => jsonName).join(', ')}.`,
    );
    const description = [this.comments.of(type), ...choices].filter((part) => part !== '').join('\n\n');
    const properties = Object.fromEntries(type.fields.map((field) => [field.jsonName, this.ofField(field)]));
    return { type: 'object', ...(description !== '' && { description }), properties };
  }

  #ofEnum(type: DescEnum): Schema {
    if (!this.#made.has(type.typeName)) {
      const values = type.values.map(({ name }, i) => `- \`${name}\`: ${this.comments.ofValue(type, i)}`);
      const description = [this.comments.of(type), values.join('\n')].filter((part) => part !== '').join('\n\n');
      this.#made.set(type.typeName, { type: 'string', enum: type.values.map(({ name }) => name), description });
    }
    return reference(type.typeName);
  }
}

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function scalarSchema(type: ScalarType): Schema {
  switch (type) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' };
    case ScalarType.DOUBLE:
      return { type: 'number', format: 'double' };
    case ScalarType.FLOAT:
      return { type: 'number', format: 'float' };
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return { type: 'integer', format: 'int32' };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { type: 'integer', format: 'int64', minimum: 0 };
    // JSON rounds numbers beyond 2^53, so 64 bits are written as text.
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return { type: 'string', format: 'int64', pattern: String.raw`^-?\d+$` };
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { type: 'string', format: 'uint64', pattern: String.raw`^\d+$` };
  }
}
