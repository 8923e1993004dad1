import type { DescMessage, Registry } from '@bufbuild/protobuf';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { namedField } from './descriptors/field-names.js';

/**
 * Makes the JSON text of encoded responses, with defaults written. `responseBody` names the field that is the answer; empty =
 * all of the response.
 */
export function responseWriter(
  type: DescMessage,
  responseBody: string,
  registry: Registry,
): (bytes: Uint8Array) => string {
  const options = { alwaysEmitImplicit: true, registry };
  const field = responseBody === '' ? undefined : namedField(type, responseBody);
  return (bytes) => {
    const json = toJson(type, fromBinary(type, bytes), options);
    if (field === undefined) return JSON.stringify(json);
    return JSON.stringify((json as Record<string, unknown>)[field.jsonName] ?? null);
  };
}
