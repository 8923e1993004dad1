import type { Access, AccessTable } from '../access/access.js';
import type { CallContext } from './call-context.js';
import type { MessageType } from './message-type.js';
import type { ResponseStream } from './response-stream.js';

/** A method of a ts-proto generic definition. */
export interface MethodDefinition {
  readonly name: string;
  readonly requestType: MessageType<unknown>;
  readonly requestStream: boolean;
  readonly responseType: MessageType<unknown>;
  readonly responseStream: boolean;
  readonly options?: { readonly idempotencyLevel?: string };
}

/** A ts-proto generic definition: the `XServiceDefinition` objects of @berth/proto. */
export interface ServiceDefinition {
  readonly name: string;
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}

type MessageOf<Type> = Type extends MessageType<infer T> ? T : never;

/**
 * The function that serves a method. It throws BerthError for what the caller can know; anything else becomes INTERNAL.
 * A stream ends OK when its function returns.
 */
export type MethodImplementation<M extends MethodDefinition> = M extends { requestStream: true; responseStream: true }
  ? (
      requests: AsyncIterable<MessageOf<M['requestType']>>,
      call: CallContext,
      out: ResponseStream<MessageOf<M['responseType']>>,
    ) => Promise<void>
  : M extends { requestStream: true }
    ? (requests: AsyncIterable<MessageOf<M['requestType']>>, call: CallContext) => Promise<MessageOf<M['responseType']>>
    : M extends { responseStream: true }
      ? (
          request: MessageOf<M['requestType']>,
          call: CallContext,
          out: ResponseStream<MessageOf<M['responseType']>>,
        ) => Promise<void>
      : (request: MessageOf<M['requestType']>, call: CallContext) => Promise<MessageOf<M['responseType']>>;

/** One function for each method of a definition. */
export type ServiceImplementation<D extends ServiceDefinition> = {
  [K in keyof D['methods']]: MethodImplementation<D['methods'][K]>;
};

/** A definition with functions of its types; made by `servedService`, so that services of many types fit in one list. */
export interface ServedService {
  readonly definition: ServiceDefinition;
  readonly implementation: object;
  /** Who may call each method, by its key in the definition. */
  readonly access: Readonly<Record<string, Access>>;
  /** Larger requests are refused with MESSAGE_TOO_LARGE; absent = the server's own limit. */
  readonly maxRequestBytes?: number;
}

/** Joins a definition, its implementation and who may call each method, checked against each other. */
export function servedService<D extends ServiceDefinition>(
  definition: D,
  implementation: ServiceImplementation<D>,
  access: AccessTable<D>,
): ServedService {
  return { definition, implementation, access: { ...access } };
}
