import { type FieldSchema, FieldType, type Kind } from '@berth/client';
import { BerthError } from '@berth/kernel';
import type { Faults } from '@berth/server';
import type { RawBody } from '../raw-body.js';
import { isMetaField, META_FIELDS } from './meta-fields.js';

/** Fields by name, as a client gave them. */
export type GivenFields = Readonly<Record<string, unknown>>;

/** The documents of a body: one, or a list of them. */
export type GivenDocuments = { readonly one: GivenFields } | { readonly list: readonly GivenFields[] };

/** Reads the documents of a body. What is no document is a fault. */
export function documentsOf(body: RawBody, kind: Kind, faults: Faults): GivenDocuments {
  if (body.type === 'form') return { one: fieldsOfForm(body.form, kind) };
  const value = body.type === 'json' ? body.value : undefined;
  if (Array.isArray(value)) {
    for (const [index, item] of (value as unknown[]).entries())
      if (!isFields(item)) faults.add(`records[${String(index)}]`, 'must be an object with the fields by name');
    return { list: value as readonly GivenFields[] };
  }
  if (isFields(value)) return { one: value };
  faults.add('body', 'must be a JSON object with the fields by name, or a list of such objects');
  return { list: [] };
}

/** Reads the one document of a body. */
export function documentOfBody(body: RawBody, kind: Kind, faults: Faults): GivenFields {
  const documents = documentsOf(body, kind, faults);
  if ('one' in documents) return documents.one;
  if (faults.found.length === 0) faults.add('body', 'is a list; send one object, with the fields of this record');
  return {};
}

function isFields(value: unknown): value is GivenFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The fields of a document. What Berth gives (`_etag`, `_created` …) may be in it, as it was read, and is left out.
 * RECORD_INVALID for an `_id` that is not `id`: it cannot be chosen, nor changed.
 */
export function fieldsOf(document: GivenFields, id?: string, path = 'record'): Record<string, unknown> {
  const given = document[META_FIELDS.id];
  if (given !== undefined && given !== id) {
    const allowed = id === undefined ? 'leave it out: Berth gives ids' : `that of the record is ${id}, and stays`;
    const description = `is ${JSON.stringify(given)}; ${allowed}`;
    const field = `${path}.fields.${META_FIELDS.id}`;
    throw new BerthError('RECORD_INVALID', `${field}: ${description}`, { fields: [{ field, description }] });
  }
  return Object.fromEntries(Object.entries(document).filter(([name]) => !isMetaField(name)));
}

/** The fields that a replacement gives, with the defaults of those that it does not name. */
export function withDefaults({ fields }: Kind, given: GivenFields): Record<string, unknown> {
  const defaults = fields.filter(({ defaultJson }) => defaultJson !== '');
  const values = defaults.map(({ name, defaultJson }) => [name, JSON.parse(defaultJson) as unknown]);
  return { ...(Object.fromEntries(values) as GivenFields), ...given };
}

/** The fields of a form, in which all values are texts: with the types that the kind says. */
function fieldsOfForm(form: URLSearchParams, { fields }: Kind): GivenFields {
  const names = [...new Set(form.keys())];
  return Object.fromEntries(
    names.map((name) => [
      name,
      valueOf(
        form.getAll(name),
        fields.find((field) => field.name === name),
      ),
    ]),
  );
}

/** What a field's texts mean; what cannot be of its type is left as it is, and refused with the type that is expected. */
function valueOf(texts: readonly string[], field: FieldSchema | undefined): unknown {
  const [text = ''] = texts;
  if (field?.type === FieldType.STRINGS || texts.length > 1) return texts;
  if (field?.type === FieldType.NUMBER && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (field?.type === FieldType.BOOLEAN && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
