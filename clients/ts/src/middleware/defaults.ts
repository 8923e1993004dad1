import { newRequestId } from '../new-request-id.js';
import { type CallOptions, type ClientMiddlewareCall, Metadata } from 'nice-grpc-common';

/** The part of a generated service definition that tells which fields a request has. */
export interface RequestShapes {
  readonly fullName: string;
  readonly methods: Readonly<
    Record<string, { readonly name: string; readonly requestType: { fromPartial(value: object): object } }>
  >;
}

/** Metadata by name; values of names that end in `-bin` are bytes. */
export type CallMetadata = Readonly<Record<string, string | Uint8Array>>;

/** What is put into every call that does not say otherwise. */
export interface CallDefaults {
  readonly lab: string;
  /** Or what gives it for each call. */
  readonly metadata: CallMetadata | (() => CallMetadata);
}

/**
 * Fills in what the caller left out: the lab, and a random request id on every request that has one, so that retries
 * cannot do a thing twice. Adds the caller's identity to the metadata.
 */
export function defaultsMiddleware(services: readonly RequestShapes[], defaults: CallDefaults) {
  const fields = fieldsByPath(services);
  return async function* withDefaults<Request, Response>(
    call: ClientMiddlewareCall<Request, Response>,
    options: CallOptions,
  ) {
    const metadata = Metadata(options.metadata);
    const added = typeof defaults.metadata === 'function' ? defaults.metadata() : defaults.metadata;
    for (const [key, value] of Object.entries(added)) {
      const name = key.replace(/-bin$/, '');
      if (!metadata.has(name) && !metadata.has(`${name}-bin`)) metadata.set(key, value);
    }
    const known = fields.get(call.method.path) ?? new Set<string>();
    const request = call.requestStream
      ? mapRequests(call.request, (message) => fill(message, known, defaults.lab))
      : fill(call.request, known, defaults.lab);
    return yield* call.next(request, { ...options, metadata });
  };
}

function fieldsByPath(services: readonly RequestShapes[]): Map<string, ReadonlySet<string>> {
  const fields = new Map<string, ReadonlySet<string>>();
  for (const { fullName, methods } of services) {
    for (const { name, requestType } of Object.values(methods)) {
      fields.set(`/${fullName}/${name}`, new Set(Object.keys(requestType.fromPartial({}))));
    }
  }
  return fields;
}

function fill<Request>(request: Request, known: ReadonlySet<string>, lab: string): Request {
  const given = request as { lab?: string; requestId?: string };
  const added: { lab?: string; requestId?: string } = {};
  if (lab !== '' && known.has('lab') && !given.lab) added.lab = lab;
  if (known.has('requestId') && !given.requestId) added.requestId = newRequestId();
  return { ...request, ...added };
}

async function* mapRequests<T>(requests: AsyncIterable<T>, map: (request: T) => T): AsyncGenerator<T> {
  for await (const request of requests) yield map(request);
}
