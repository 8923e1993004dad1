import type { DescMessage, JsonValue, Registry } from '@bufbuild/protobuf';
import { fromJson, toBinary } from '@bufbuild/protobuf';
import { Faults } from '@berth/server';
import type { HttpBinding } from '../descriptors/http-bindings.js';
import { namedField } from '../descriptors/field-names.js';
import { setInBody } from './body-fields.js';
import { isObject } from './check-known-type.js';
import { shown } from './check-scalar.js';
import { checkMessage } from './check-message.js';
import { putMasks, takeMasks } from './field-masks.js';
import type { JsonFields } from './read-query.js';
import { ParameterReader } from './read-query.js';

/** The parts of an HTTP request that say what is asked for. */
export interface RequestParts {
  /** The fields that the path says, in its order. */
  readonly variables: readonly (readonly [field: string, text: string])[];
  /** What stands behind the `?`; empty = nothing. */
  readonly query: string;
  /** The body; undefined = there is none. */
  readonly body: JsonValue | undefined;
}

/** Makes messages of a method's requests over HTTP. */
export class RequestReader {
  constructor(
    private readonly type: DescMessage,
    private readonly binding: HttpBinding,
    private readonly registry: Registry,
  ) {}

  /** The message, encoded. Throws INVALID_FIELD with every fault. */
  read(parts: RequestParts): Uint8Array {
    const faults = new Faults();
    const json = this.#fieldsOf(parts, faults);
    return this.#encode(json, faults);
  }

  /** The message of a line of a stream of requests, encoded. Throws INVALID_FIELD with every fault. */
  readLine(json: JsonValue): Uint8Array {
    return this.#encode(json as JsonFields, new Faults());
  }

  /** Refuses a query where there can be none. Throws INVALID_FIELD. */
  requireNoParameters(query: string): void {
    const faults = new Faults();
    this.#refuseQuery(query, faults);
    faults.throwIfAny();
  }

  #fieldsOf({ variables, query, body }: RequestParts, faults: Faults): JsonFields {
    const { body: place } = this.binding;
    if (place === '*') return this.#withBody({ variables, query, body }, faults);
    const fields: JsonFields = {};
    const reader = new ParameterReader(this.type, fields, faults);
    const isInBody = (field: string): boolean => place !== '' && field.split('.', 1)[0] === place;
    for (const [field, text] of variables) if (!isInBody(field)) reader.put(field, text);
    reader.readQuery(query);
    if (place === '') {
      if (body !== undefined) faults.add('body', 'belongs to no request of this kind; send the fields as parameters');
      return fields;
    }
    if (fields[place] !== undefined) faults.add(place, 'is what the body is; leave it out of the query');
    if (body !== undefined) fields[place] = body;
    for (const [field, text] of variables) if (isInBody(field)) setInBody(this.type, fields, field, text, faults);
    return fields;
  }

  #withBody({ variables, query, body = {} }: RequestParts, faults: Faults): JsonFields {
    this.#refuseQuery(query, faults);
    if (isObject(body)) for (const [field, text] of variables) setInBody(this.type, body, field, text, faults);
    return body as JsonFields;
  }

  #refuseQuery(query: string, faults: Faults): void {
    if (query === '') return;
    for (const name of new Set(new URLSearchParams(query).keys())) {
      const known = namedField(this.type, name.split(/[.[]/, 1)[0] ?? '') !== undefined;
      faults.add(name, known ? 'belongs into the body here, not into the query' : 'is not a parameter here');
    }
  }

  #encode(json: JsonFields, faults: Faults): Uint8Array {
    if (isObject(json)) checkMessage(this.type, json, '', faults);
    else faults.add('body', `must be an object, is ${shown(json)}`);
    faults.throwIfAny();
    const masks = takeMasks(this.type, json);
    try {
      const message = fromJson(this.type, json as JsonValue, { registry: this.registry });
      putMasks(message, masks);
      return toBinary(this.type, message);
    } catch (error) {
      // What the checks let pass and the library does not, such as the content of an Any.
      faults.add('body', error instanceof Error ? error.message : String(error));
      faults.throwIfAny();
      throw error;
    }
  }
}
