import type { ClientReadableStream } from '@grpc/grpc-js';
import { Client, credentials, Metadata } from '@grpc/grpc-js';

export type GrpcStream = ClientReadableStream<Buffer>;

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

const OPTIONS = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
};

/**
 * Hanging up resets a stream, and Node's HTTP/2 server cuts a connection on which more than 1,000 streams are reset, and then
 * 33 a second (a guard against floods that Node 20 cannot be told to lift). Many clients, as in real use, never come near it.
 */
const STREAMS_A_CONNECTION = 900;

/** Several connections to one server, used in turn; each is replaced by a fresh one after some streams. */
export class GrpcClients {
  readonly #address: string;
  readonly #clients: { client: Client; streams: number }[];
  readonly #retired: Client[] = [];
  readonly #metadata = new Metadata();
  #turn = 0;

  /** With a `token`, each call shows it. */
  constructor(address: string, connections: number, token?: string) {
    this.#address = address;
    if (token !== undefined) this.#metadata.set('authorization', `Bearer ${token}`);
    this.#clients = Array.from({ length: connections }, () => ({ client: this.#open(), streams: 0 }));
  }

  unary<Q, A>(
    path: string,
    method: { readonly requestType: Codec<Q>; readonly responseType: Codec<A> },
    request: Q,
  ): Promise<A> {
    return new Promise((resolve, reject) => {
      this.#next().client.makeUnaryRequest(
        path,
        (message: Q) => Buffer.from(method.requestType.encode(message).finish()),
        (bytes) => method.responseType.decode(bytes),
        request,
        this.#metadata,
        (error, answer) => {
          if (error !== null) reject(error);
          else if (answer !== undefined) resolve(answer);
        },
      );
    });
  }

  /** A server stream of undecoded messages. */
  stream(path: string, request: Buffer): GrpcStream {
    const slot = this.#next();
    if (slot.streams === STREAMS_A_CONNECTION) {
      this.#retired.push(slot.client);
      slot.client = this.#open();
      slot.streams = 0;
    }
    slot.streams++;
    return slot.client.makeServerStreamRequest(path, same, same, request, this.#metadata);
  }

  close(): void {
    for (const client of [...this.#retired, ...this.#clients.map((slot) => slot.client)]) client.close();
  }

  #open(): Client {
    return new Client(this.#address, credentials.createInsecure(), OPTIONS);
  }

  #next(): { client: Client; streams: number } {
    const slot = this.#clients[this.#turn++ % this.#clients.length];
    if (slot === undefined) throw new Error('no connections');
    return slot;
  }
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
