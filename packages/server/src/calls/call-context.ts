import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { BerthError } from '@berth/kernel';
import type {
  Metadata,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { Metadata as GrpcMetadata, status } from '@grpc/grpc-js';
import type { Caller } from '../identity/caller.js';
import type { CallScope, OpenCall } from './call-scope.js';
import { shuttingDown } from './call-scope.js';
import type { CallTrace } from '../traces/call-traces.js';
import { http2StreamOf } from './http2-stream-of.js';
import type { MethodWatch, WatchedCall } from './method-watch.js';

/** What a method knows of its call. */
export interface CallContext {
  readonly caller: Caller;
  /**
   * Aborted once the call is over, for whatever cause: cancelled, deadline, dead connection, cut off, or answered.
   * Made when first read: a waiting stream that does not read it does not pay for it.
   */
  readonly signal: AbortSignal;
  /** Aborted when the server starts to shut down: end the stream soon. Made when first read, one a call. */
  readonly shutdown: AbortSignal;
  /** True once the call is over. */
  readonly over: boolean;
  /** When the caller stops waiting, in milliseconds since the epoch; undefined = never, or in more than 24 days. */
  readonly deadlineMs: number | undefined;
  readonly metadata: Metadata;
  /** Names the call in the log and in INTERNAL errors. */
  readonly requestId: string;
  /** The full path, for example `/berth.lease.v1.LeaseService/Acquire`. */
  readonly method: string;
  /** When the caller sent the request by its own clock, from metadata `berth-sent-at` (ISO 8601); undefined when it did not say. */
  readonly sentAt: Date | undefined;
  /** Sends initial metadata ahead of the first answer. */
  sendMetadata(values: Readonly<Record<string, string>>): void;
  /**
   * Calls `listener` once when the call is over (at once if it is); lighter than `signal`. At most one listener. It learns
   * `LINGER_MS` later of a stream whose connection broke while the server stops.
   */
  onOver(listener: () => void): void;
}

type AnyMessage = unknown;
export type UnaryCall = ServerUnaryCall<AnyMessage, AnyMessage>;
export type ReadingCall = ServerReadableStream<AnyMessage, AnyMessage>;
export type WritingCall = ServerWritableStream<AnyMessage, AnyMessage> | ServerDuplexStream<AnyMessage, AnyMessage>;
export type SurfaceCall = UnaryCall | ReadingCall | WritingCall;

/**
 * How long a stream whose connection broke counts as there while its server stops. Its caller was told to go elsewhere, and is
 * most likely on its way; meanwhile grpc-js cuts a connection that drains, in the client, when the time of its ping comes.
 */
export const LINGER_MS = 1000;

const RUN = randomBytes(4).toString('hex');
let calls = 0;

/**
 * One call being served. Holds as little as it can while a stream waits: ids and signals are made when they are asked for,
 * and one bound function serves all the ways a call can end.
 */
export class ServerCall implements CallContext, OpenCall, WatchedCall {
  over = false;
  readonly #number = ++calls;
  #signal: AbortController | undefined;
  #shutdown: AbortController | undefined;
  #listener: (() => void) | undefined;
  /** The call's response stream, if it has one. */
  stream: EndedStream | undefined;
  /** The connection that is charged when the caller hangs up; undefined = none. */
  charged: { readonly destroyed: boolean } | undefined;
  /** The trace that the call belongs to, if it has one. */
  trace: CallTrace | undefined;
  /** When it began, for its watch. */
  readonly startedMs: number;

  /** Throws SHUTTING_DOWN. */
  constructor(
    readonly surface: SurfaceCall,
    private readonly scope: CallScope,
    readonly caller: Caller,
    private readonly watch: MethodWatch | undefined,
  ) {
    if (scope.stopping) throw shuttingDown();
    this.startedMs = watch?.opened() ?? 0;
    scope.open.add(this);
    // 'cancelled' comes for cancel, deadline and a lost connection; 'close' when the stream is destroyed otherwise.
    const events: EventEmitter = surface;
    events.on('cancelled', this.#left);
    events.on('close', this.#left);
  }

  get metadata(): Metadata {
    return this.surface.metadata;
  }

  get method(): string {
    return this.surface.getPath();
  }

  get peer(): string {
    return this.surface.getPeer();
  }

  get traceId(): string | undefined {
    return this.trace?.traceId;
  }

  get requestId(): string {
    return `${RUN}-${this.#number.toString(36)}`;
  }

  get deadlineMs(): number | undefined {
    const deadline = Number(this.surface.getDeadline());
    return Number.isFinite(deadline) ? deadline : undefined;
  }

  get sentAt(): Date | undefined {
    const sent = this.metadata.get('berth-sent-at')[0];
    if (sent === undefined) return undefined;
    const date = new Date(String(sent));
    return Number.isNaN(date.getTime()) ? undefined : date;
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      this.#signal = new AbortController();
      if (this.over) this.#signal.abort();
    }
    return this.#signal.signal;
  }

  get shutdown(): AbortSignal {
    if (this.#shutdown === undefined) {
      this.#shutdown = new AbortController();
      if (this.scope.stopping) this.#shutdown.abort();
    }
    return this.#shutdown.signal;
  }

  sendMetadata(values: Readonly<Record<string, string>>): void {
    const metadata = new GrpcMetadata();
    for (const [name, value] of Object.entries(values)) metadata.set(name, value);
    this.surface.sendMetadata(metadata);
  }

  onOver(listener: () => void): void {
    if (this.over) {
      listener();
      return;
    }
    if (this.#listener !== undefined) throw new Error('onOver takes one listener a call');
    this.#listener = listener;
  }

  /** Tells the method that the server shuts down. */
  tellShutdown(): void {
    this.#shutdown?.abort(shuttingDown());
  }

  /**
   * Marks the call as over and tells everyone who waits for it; the first time only. `code` is what it ended with, `reason`
   * that of an error.
   */
  end(code: status, reason?: string): void {
    if (this.over) return;
    this.over = true;
    this.watch?.ended(this, code, reason);
    this.trace?.end(code === status.OK ? undefined : (reason ?? status[code]));
    const listener = this.#listener;
    this.#listener = undefined;
    this.stream?.ended();
    this.#signal?.abort(new CallOverError());
    if (listener === undefined) return;
    const isMoving = this.scope.stopping && this.charged?.destroyed === true;
    if (isMoving) this.scope.clock.after(LINGER_MS, () => this.#tell(listener));
    else this.#tell(listener);
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.scope.log.error({ err: error, requestId: this.requestId, method: this.method }, 'an onOver listener threw');
    }
  }

  // Nothing more leaves for the caller. grpc-js emits this after each call, also after one that was answered.
  readonly #left = (): void => {
    if (!this.over) this.end((this.deadlineMs ?? Infinity) <= Date.now() ? status.DEADLINE_EXCEEDED : status.CANCELLED);
    // Only a call that was reset has a code.
    if (this.charged !== undefined && http2StreamOf(this.surface)?.rstCode) {
      this.scope.hangUps.count(this.charged);
      this.charged = undefined;
    }
    this.stream?.left();
    if (this.scope.open.delete(this) && this.scope.open.size === 0) this.scope.onIdle();
  };
}

/** What a response stream is told by its call. */
interface EndedStream {
  /** The call is over: nothing more may be written. */
  ended(): void;
  /** Nothing more leaves for the caller. */
  left(): void;
}

/** Thrown into a method that reads or waits when its call is over: nobody hears an answer any more. */
export class CallOverError extends BerthError {
  constructor() {
    super(
      'REQUEST_CANCELLED',
      'the call is over: the caller cancelled it, its deadline passed, or its connection is gone',
    );
    this.name = 'CallOverError';
  }
}
