import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonValue } from '@bufbuild/protobuf';
import type { RawCallOptions } from '../../ports/roles.js';
import type { Endpoint } from '../endpoints.js';

/** A request over HTTP and the endpoint that it is for. */
export interface HttpCall {
  readonly endpoint: Endpoint;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The fields that the path says. */
  readonly variables: readonly (readonly [field: string, text: string])[];
  /** What stands behind the `?`. */
  readonly query: string;
  /** For whom and for how long the role is called; its signal aborts when the client hangs up, or this server stops. */
  readonly options: RawCallOptions;
}

/** The encoded request of a call, with the body that was read; undefined = none. Throws INVALID_FIELD. */
export function requestBytes({ endpoint, variables, query }: HttpCall, body: JsonValue | undefined): Uint8Array {
  return endpoint.reader.read({ variables, query, body });
}
