import { isUtf8 } from 'node:buffer';
import type { JsonValue } from '@bufbuild/protobuf';
import { BerthError } from '@berth/kernel';
import { jsonFault, placeOf } from './json-fault.js';

/**
 * The value of a JSON text. `what` names the text in messages, for example `the body`. Throws MALFORMED_REQUEST with line and
 * column (both from 1) for a text that is not JSON, and for a field that is twice in one object.
 */
export function parseJson(text: string, what: string): JsonValue {
  const found = jsonFault(text);
  if (found === undefined) return JSON.parse(text) as JsonValue;
  const { line, column } = placeOf(text, found.offset);
  throw malformed(what, `at line ${line}, column ${column}: ${found.fault}`, {
    line: String(line),
    column: String(column),
  });
}

/** The text of bytes that should be UTF-8. Throws MALFORMED_REQUEST. */
export function utf8Text(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw malformed(what, 'it is not UTF-8', {});
  return bytes.toString();
}

function malformed(what: string, fault: string, metadata: Readonly<Record<string, string>>): BerthError {
  return new BerthError('MALFORMED_REQUEST', `${what} is not JSON ${fault}.`, {
    fields: [{ field: 'body', description: fault }],
    metadata,
  });
}
