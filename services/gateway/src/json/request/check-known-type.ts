import type { DescMessage } from '@bufbuild/protobuf';
import { scalarFault, shown, textFault } from './check-scalar.js';

/** Nested deeper than this a value is refused: each level takes stack. */
export const MAX_DEPTH = 100;

const PACKAGE = 'google.protobuf.';
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const SPAN = /^-?\d{1,12}(?:\.\d{1,9})?s$/;
const MAX_SPAN_SECONDS = 315_576_000_000;
const FIRST_YEAR_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_YEAR_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** What is wrong with a JSON value, as the end of a sentence; undefined = nothing. */
export type ValueCheck = (json: unknown) => string | undefined;

const CHECKS: Readonly<Record<string, ValueCheck>> = {
  Timestamp: timeFault,
  Duration: spanFault,
  FieldMask: (json) => (typeof json === 'string' ? undefined : `must be fields with commas between, is ${shown(json)}`),
  Struct: (json) => (isObject(json) ? freeFault(json, 0) : `must be an object, is ${shown(json)}`),
  ListValue: (json) => (Array.isArray(json) ? freeFault(json, 0) : `must be a list, is ${shown(json)}`),
  Value: (json) => freeFault(json, 0),
  Any: (json) =>
    isObject(json) && typeof json['@type'] === 'string' ? undefined : 'must be an object with "@type", its type',
};

/** The check of a message that JSON writes in a way of its own, such as a time; undefined for all others. */
export function knownTypeCheck(type: DescMessage): ValueCheck | undefined {
  if (!type.typeName.startsWith(PACKAGE)) return undefined;
  const name = type.typeName.slice(PACKAGE.length);
  const [value] = type.fields;
  if (!isWrapper(type) || value?.fieldKind !== 'scalar') return CHECKS[name];
  return (json) => scalarFault(value.scalar, json);
}

/** Whether a message is one value that may be absent, such as `google.protobuf.Int32Value`: JSON writes the value alone. */
export function isWrapper({ typeName, fields }: DescMessage): boolean {
  return (
    typeName.startsWith(PACKAGE) &&
    typeName.endsWith('Value') &&
    fields.length === 1 &&
    fields[0]?.fieldKind === 'scalar'
  );
}

/** Whether null is a value of this type, and not the absence of one. */
export function takesNull(type: DescMessage): boolean {
  return type.typeName === `${PACKAGE}Value`;
}

export function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function timeFault(json: unknown): string | undefined {
  const at = typeof json === 'string' && TIME.test(json) ? Date.parse(json) : NaN;
  if (at >= FIRST_YEAR_MS && at <= LAST_YEAR_MS) return undefined;
  return `must be a time such as "2026-01-31T09:30:00Z", is ${shown(json)}`;
}

function spanFault(json: unknown): string | undefined {
  if (typeof json === 'string' && SPAN.test(json) && Math.abs(Number.parseFloat(json)) <= MAX_SPAN_SECONDS) {
    return undefined;
  }
  return `must be a duration in seconds such as "3s" or "0.5s", is ${shown(json)}`;
}

function freeFault(json: unknown, depth: number): string | undefined {
  if (typeof json === 'string') return textFault(json);
  if (typeof json !== 'object' || json === null) return undefined;
  if (depth >= MAX_DEPTH / 2) return `is nested more than ${String(MAX_DEPTH / 2)} levels deep`;
  for (const [key, value] of Object.entries(json)) {
    const fault = textFault(key) ?? freeFault(value, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
