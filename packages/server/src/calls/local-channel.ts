import { EventEmitter } from 'node:events';
import type { Channel, InterceptingListener, sendUnaryData, StatusObject, UntypedHandleCall } from '@grpc/grpc-js';
import { connectivityState, Metadata, status } from '@grpc/grpc-js';
import { LOCAL_PEER } from './local-peer.js';
import type { GrpcHandlers } from './service-handlers.js';

/** A method as a server of grpc-js is given it. */
export interface LocalMethod {
  readonly definition: GrpcHandlers['service'][string];
  readonly handler: UntypedHandleCall;
}

/**
 * A channel to the services of this process. A call is what it would be over a connection, in the same bytes, without the price
 * of one, which is most of what a small call costs. Methods to which requests are streamed are not served.
 */
export function localChannel(methods: ReadonlyMap<string, LocalMethod>): Channel {
  let isClosed = false;
  const channel = {
    close: () => {
      isClosed = true;
    },
    getTarget: () => 'local',
    getConnectivityState: () => (isClosed ? connectivityState.SHUTDOWN : connectivityState.READY),
    // Nothing drains this connection, and nothing breaks it.
    watchConnectivityState: () => undefined,
    createCall: (path: string) => new LocalCall(path, methods.get(path), () => isClosed),
  };
  // grpc-js asks a channel for no more than this; its type is that of its own class.
  return channel as unknown as Channel;
}

interface Sent {
  readonly bytes: Buffer;
  readonly taken: (() => void) | undefined;
}

/** Both ends of a call: what the client's grpc-js does with a call, and what the handlers of a server do with one. */
class LocalCall extends EventEmitter {
  metadata = new Metadata();
  request: unknown;
  cancelled = false;
  #listener: InterceptingListener | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  /** Messages that the client wants to read. */
  #wanted = 0;
  readonly #sent: Sent[] = [];
  #status: StatusObject | undefined;
  #isOver = false;
  #isDelivering = false;

  constructor(
    private readonly path: string,
    private readonly method: LocalMethod | undefined,
    private readonly isClosed: () => boolean,
  ) {
    super();
    this.on('error', (error: Partial<StatusObject>) => {
      this.#end(error);
    });
  }

  // The client's end.

  start(metadata: Metadata, listener: InterceptingListener): void {
    this.metadata = metadata;
    this.#listener = listener;
  }

  sendMessageWithContext({ callback }: { readonly callback?: () => void }, message: Buffer): void {
    this.#bytes = message;
    callback?.();
  }

  halfClose(): void {
    // In a turn of the event loop of its own: calls that follow each other at once let others in.
    setImmediate(() => {
      this.#serve();
    });
  }

  startRead(): void {
    this.#wanted += 1;
    this.#deliverSoon();
  }

  cancelWithStatus(code: status, details: string): void {
    if (this.#isOver) return;
    this.cancelled = true;
    this.#sent.length = 0;
    this.#status = { code, details, metadata: new Metadata() };
    this.emit('cancelled', details);
    this.#deliverSoon();
  }

  getPeer(): string {
    return LOCAL_PEER;
  }

  getAuthContext(): null {
    return null;
  }

  // The server's end.

  getPath(): string {
    return this.path;
  }

  getDeadline(): number {
    return Infinity;
  }

  sendMetadata(metadata: Metadata): void {
    if (!this.#isOver) this.#listener?.onReceiveMetadata(metadata);
  }

  write(message: unknown, taken?: () => void): void {
    if (this.method === undefined || this.#isOver || this.cancelled) return;
    this.#sent.push({ bytes: this.method.definition.responseSerialize(message), taken });
    this.#deliverSoon();
  }

  end(): void {
    this.#end({ code: status.OK, details: 'OK' });
  }

  #serve(): void {
    if (this.cancelled) return;
    if (this.isClosed()) {
      this.#end({ code: status.UNAVAILABLE, details: 'the channel is closed' });
      return;
    }
    if (this.method === undefined || this.method.definition.requestStream) {
      this.#end({ code: status.UNIMPLEMENTED, details: `${this.path} is not served within the process` });
      return;
    }
    const { definition } = this.method;
    this.request = definition.requestDeserialize(this.#bytes);
    const handler = this.method.handler as unknown as (call: LocalCall, respond: sendUnaryData<unknown>) => void;
    handler(this, (error, response) => {
      if (error === null) this.write(response);
      this.#end(error ?? { code: status.OK, details: 'OK' });
    });
  }

  #end({ code = status.UNKNOWN, details = '', metadata }: Partial<StatusObject>): void {
    this.#status ??= { code, details, metadata: metadata ?? new Metadata() };
    this.#deliverSoon();
  }

  /** Not within the call of who writes or reads, who may be in the midst of something. */
  #deliverSoon(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    queueMicrotask(() => {
      this.#deliver();
      this.#isDelivering = false;
    });
  }

  #deliver(): void {
    while (this.#wanted > 0) {
      const next = this.#sent.shift();
      if (next === undefined) break;
      this.#wanted -= 1;
      this.#listener?.onReceiveMessage(next.bytes);
      next.taken?.();
    }
    if (this.#status === undefined || this.#sent.length > 0 || this.#isOver) return;
    this.#isOver = true;
    this.#listener?.onReceiveStatus(this.#status);
    this.emit('close');
  }
}
