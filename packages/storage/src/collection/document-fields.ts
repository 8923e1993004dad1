import type { Scalar } from './collection.js';

/** What an index sees of a field: its values, and whether they come from a list. No value: the document lacks the field. */
export interface FieldValues {
  readonly list: boolean;
  readonly values: readonly Scalar[];
}

const NOTHING: FieldValues = { list: false, values: [] };
const EMPTY_LIST: FieldValues = { list: true, values: [] };

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function walk(value: unknown, names: readonly string[], at: number): FieldValues {
  if (Array.isArray(value)) {
    const found = value.flatMap((element: unknown) => (Array.isArray(element) ? [] : walk(element, names, at).values));
    return found.length === 0 ? EMPTY_LIST : { list: true, values: [...new Set(found)] };
  }
  const name = names[at];
  if (name === undefined) return isScalar(value) ? { list: false, values: [value] } : NOTHING;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return NOTHING;
  return walk((value as Record<string, unknown>)[name], names, at + 1);
}

/** A reader of the field at a path such as `a.b`. What is no text, number or boolean is passed over. */
export function fieldReader(path: string): (document: unknown) => FieldValues {
  const names = path.split('.');
  return (document) => walk(document, names, 0);
}
