// Calls of any method by a plain grpc-js client, with errors read back from their details.
import { BadRequest, ErrorInfo } from '@berth/proto/google/rpc/error_details';
import { Status } from '@berth/proto/google/rpc/status';
import type { MethodDefinition, ServiceDefinition } from '@berth/server';
import type { Client, ClientDuplexStream, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';

/**
 * Who calls: `name`, `name/role`, or `name/role/bench` for one that is limited to a bench; without a role the server takes
 * everybody for an operator.
 */
export type CallerName = string;

export interface CallError {
  readonly code: string;
  readonly reason: string;
  readonly text: string;
  /** Each as `path: description`. */
  readonly fields: readonly string[];
}

type RequestOf<M extends MethodDefinition> = M['requestType'] extends { fromPartial(object: infer P): unknown }
  ? P
  : never;
type ResponseOf<M extends MethodDefinition> = M['responseType'] extends { decode(input: Uint8Array): infer T }
  ? T
  : never;
type MethodsOf<D extends ServiceDefinition> = D['methods'];

/** A service as a caller sees it. */
export class TestClient<D extends ServiceDefinition> {
  constructor(
    private readonly client: Client,
    private readonly definition: D,
  ) {}

  /** Calls a unary method. Rejects with a CallError. */
  call<K extends keyof MethodsOf<D>>(
    key: K,
    request: RequestOf<MethodsOf<D>[K]>,
    caller: CallerName = 'ann',
  ): Promise<ResponseOf<MethodsOf<D>[K]>> {
    const { path, encode, decode } = this.#wire(key);
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(path, encode, decode, request, metadataOf(caller), (error, answer) => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a CallError is what tests compare
        if (error !== null) reject(readError(error));
        else if (answer !== undefined) resolve(answer);
      });
    });
  }

  /** The error of a call that must fail. */
  async refusal<K extends keyof MethodsOf<D>>(
    key: K,
    request: RequestOf<MethodsOf<D>[K]>,
    caller: CallerName = 'ann',
  ): Promise<CallError> {
    try {
      await this.call(key, request, caller);
    } catch (error) {
      return error as CallError;
    }
    throw new Error(`${String(key)} was expected to fail`);
  }

  /** Opens a server stream. */
  open<K extends keyof MethodsOf<D>>(
    key: K,
    request: RequestOf<MethodsOf<D>[K]>,
    caller: CallerName = 'ann',
  ): TestStream<ResponseOf<MethodsOf<D>[K]>> {
    const { path, encode, decode } = this.#wire(key);
    return new TestStream(this.client.makeServerStreamRequest(path, encode, decode, request, metadataOf(caller)));
  }

  /** Opens a bidirectional stream; `send` takes requests. */
  converse<K extends keyof MethodsOf<D>>(
    key: K,
    caller: CallerName = 'ann',
  ): { readonly send: (request: RequestOf<MethodsOf<D>[K]>) => void; readonly end: () => void } & TestStream<
    ResponseOf<MethodsOf<D>[K]>
  > {
    const { path, encode, decode } = this.#wire(key);
    const call = this.client.makeBidiStreamRequest(path, encode, decode, metadataOf(caller));
    return Object.assign(new TestStream(call), {
      send: (request: RequestOf<MethodsOf<D>[K]>) => void call.write(request),
      end: () => void call.end(),
    });
  }

  #wire<K extends keyof MethodsOf<D>>(
    key: K,
  ): {
    path: string;
    encode: (request: RequestOf<MethodsOf<D>[K]>) => Buffer;
    decode: (bytes: Buffer) => ResponseOf<MethodsOf<D>[K]>;
  } {
    const method = this.definition.methods[String(key)] as MethodDefinition & {
      requestType: { fromPartial(object: unknown): unknown };
    };
    return {
      path: `/${this.definition.fullName}/${method.name}`,
      encode: (request) => Buffer.from(method.requestType.encode(method.requestType.fromPartial(request)).finish()),
      decode: (bytes) => method.responseType.decode(bytes) as ResponseOf<MethodsOf<D>[K]>,
    };
  }
}

/** The answers of a stream, one after the other. */
export class TestStream<T> {
  /** Every message so far. */
  readonly messages: T[] = [];
  /** Settles when the stream is over: with its error, or undefined for OK. */
  readonly over: Promise<CallError | undefined>;
  #taken = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(private readonly stream: ClientReadableStream<T> | ClientDuplexStream<never, T>) {
    this.over = new Promise((resolve) => {
      const end = (error?: CallError): void => {
        this.#ended = true;
        this.#wake?.();
        resolve(error);
      };
      stream.on('data', (message: T) => {
        this.messages.push(message);
        this.#wake?.();
      });
      stream.on('error', (error: ServiceError) => {
        end(readError(error));
      });
      stream.on('end', () => {
        end();
      });
    });
  }

  /** The next message. Throws when the stream ends before. */
  async next(): Promise<T> {
    const message = await this.#take();
    if (message === undefined) throw new Error(`the stream ended: ${JSON.stringify(await this.over)}`);
    return message;
  }

  /** The messages until the stream ends. Throws the error that it ends with. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let message = await this.#take(); message !== undefined; message = await this.#take()) yield message;
    const error = await this.over;
    if (error !== undefined) throw new Error(JSON.stringify(error));
  }

  /** The next message that `accept` takes; those before are passed over. */
  async nextThat<R extends T>(accept: (message: T) => message is R): Promise<R> {
    for (;;) {
      const message = await this.next();
      if (accept(message)) return message;
    }
  }

  async #take(): Promise<T | undefined> {
    while (this.#taken >= this.messages.length) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.messages[this.#taken++];
  }

  /** Cancels the call. */
  hangUp(): void {
    this.stream.cancel();
  }
}

function metadataOf(caller: CallerName): Metadata {
  const metadata = new Metadata();
  const [name = '', role, bench] = caller.split('/');
  metadata.set('berth-user', name);
  if (role !== undefined) metadata.set('berth-role', role);
  if (bench !== undefined) metadata.set('berth-benches', JSON.stringify([bench]));
  return metadata;
}

function readError(error: ServiceError): CallError {
  const bytes = error.metadata.get('grpc-status-details-bin')[0];
  const details = bytes === undefined ? [] : Status.decode(bytes as Buffer).details;
  const find = (name: string): Uint8Array | undefined =>
    details.find(({ typeUrl }) => typeUrl === `type.googleapis.com/google.rpc.${name}`)?.value;
  const info = find('ErrorInfo');
  const bad = find('BadRequest');
  const fields = bad === undefined ? [] : BadRequest.decode(bad).fieldViolations;
  return {
    code: status[error.code],
    reason: info === undefined ? '' : ErrorInfo.decode(info).reason,
    text: error.details,
    fields: fields.map(({ field, description }) => `${field}: ${description}`),
  };
}
