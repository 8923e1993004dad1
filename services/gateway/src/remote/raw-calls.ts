import type { CallOptions, Channel, ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { ChannelCredentials, Client, Metadata, status } from '@grpc/grpc-js';
import { traceHeaders } from '@berth/server';
import { callerMetadata } from '../caller-metadata.js';
import type { RawCallOptions } from '../ports/roles.js';

type RawStream = ClientDuplexStream<Uint8Array, Buffer>;

/** Calls methods with messages as bytes, on one channel. */
export class RawCalls {
  readonly #client: Client;

  /** `ownMetadata` goes with every call. */
  constructor(
    channel: Channel,
    private readonly ownMetadata: Readonly<Record<string, string>>,
  ) {
    this.#client = new Client('', ChannelCredentials.createInsecure(), { channelOverride: channel });
  }

  /** See `Roles.unary`. */
  unary(path: string, request: Uint8Array, options: RawCallOptions): Promise<Uint8Array> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const answered = (error: ServiceError | null, answer?: Buffer): void => {
        signal.removeEventListener('abort', hangUp);
        if (answer !== undefined) resolve(answer);
        else reject(signal.aborted ? (signal.reason as Error) : (error ?? new Error('a call ended without an answer')));
      };
      const metadata = this.#metadata(options);
      const call = this.#client.makeUnaryRequest<Uint8Array, Buffer>(
        path,
        bytesOf,
        asItIs,
        request,
        metadata,
        deadlineOf(options),
        answered,
      );
      const hangUp = (): void => {
        call.cancel();
      };
      signal.addEventListener('abort', hangUp, { once: true });
    });
  }

  /** See `Roles.stream`. */
  async *stream(
    path: string,
    requests: Uint8Array | AsyncIterable<Uint8Array>,
    options: RawCallOptions,
  ): AsyncGenerator<Uint8Array, void> {
    const { signal } = options;
    signal.throwIfAborted();
    const stream: RawStream = this.#client.makeBidiStreamRequest(
      path,
      bytesOf,
      asItIs,
      this.#metadata(options),
      deadlineOf(options),
    );
    const hangUp = (): void => {
      stream.cancel();
    };
    signal.addEventListener('abort', hangUp, { once: true });
    // The loop below throws what fails while it reads; what fails after it has left is nobody's.
    stream.on('error', () => undefined);
    const sending = send(requests, stream);
    let isOver = false;
    try {
      for await (const answer of stream as AsyncIterable<Buffer>) yield answer;
      isOver = true;
    } catch (error) {
      isOver = true;
      signal.throwIfAborted();
      // The call was hung up because the requests failed: then that is what the caller wants to know.
      const isHungUp = (error as Partial<ServiceError>).code === status.CANCELLED;
      throw (isHungUp ? await sending : undefined) ?? error;
    } finally {
      signal.removeEventListener('abort', hangUp);
      if (!isOver) hangUp();
    }
  }

  #metadata({ caller, metadata }: RawCallOptions): Metadata {
    const all = new Metadata();
    for (const [name, value] of Object.entries({
      ...metadata,
      ...traceHeaders(),
      ...callerMetadata(caller),
      ...this.ownMetadata,
    })) {
      all.set(name, typeof value === 'string' ? value : Buffer.from(value));
    }
    return all;
  }
}

function deadlineOf({ deadlineMs }: RawCallOptions): CallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}

/** Sends the requests; resolves with what kept it from sending them all, after hanging up. */
async function send(requests: Uint8Array | AsyncIterable<Uint8Array>, stream: RawStream): Promise<unknown> {
  if (requests instanceof Uint8Array) {
    stream.write(requests);
    stream.end();
    return undefined;
  }
  try {
    for await (const message of requests) {
      if (!stream.write(message)) await roomOrEnd(stream);
      if (stream.destroyed) return undefined;
    }
    stream.end();
    return undefined;
  } catch (error) {
    stream.cancel();
    return error;
  }
}

function roomOrEnd(stream: RawStream): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'end', 'error'];
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}

function bytesOf(message: Uint8Array): Buffer {
  return Buffer.isBuffer(message) ? message : Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

function asItIs(message: Buffer): Buffer {
  return message;
}
