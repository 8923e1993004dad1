import { constants } from 'node:http2';
import { BerthError } from '@berth/kernel';
import type { ServerCall, WritingCall } from './call-context.js';
import { errorStatus } from './error-status.js';
import type { PreEncoded } from './pre-encoded.js';
import { http2StreamOf } from './http2-stream-of.js';
import { preEncode } from './pre-encoded.js';
import type { MessageType } from './message-type.js';
import type { SlowReaders, Watch, WatchedStream } from './slow-readers.js';

/** The answers of a stream. Ends when the method returns; a reader that takes nothing for 20 s is cut with SLOW_READER. */
export interface ResponseStream<T> {
  /**
   * Sends a message. Resolves with true when the next one may be written, and with false when the call is over (the
   * message may not have arrived); never rejects and never hangs. Whoever does not wait for it watches `pending`.
   */
  write(message: T | PreEncoded): Promise<boolean>;
  /** Resolves with true when every message has left for the reader, and with false when the call is over. */
  idle(): Promise<boolean>;
  /** Messages written that have not left yet: the reader is slow. Conflate when it is not 0. */
  readonly pending: number;
  /** False when the call is over, or 16 messages or more are pending. */
  readonly writable: boolean;
  /** Encodes a message once, for `write` on this and other streams of the same method. */
  encode(message: T): PreEncoded;
}

const MAX_PENDING = 16;
const FLOWING = Promise.resolve(true);
const OVER = Promise.resolve(false);

/** Answers over a grpc-js stream. */
export class CallResponseStream<T> implements ResponseStream<T>, WatchedStream {
  #written = 0;
  flushed = 0;
  watch: Watch | undefined;
  #waiting: Promise<boolean> | undefined;
  #resolve: ((flowing: boolean) => void) | undefined;

  constructor(
    private readonly call: ServerCall,
    private readonly surface: WritingCall,
    private readonly type: MessageType<T>,
    private readonly slowReaders: SlowReaders,
  ) {
    call.stream = this;
  }

  get pending(): number {
    return this.#written - this.flushed;
  }

  get writable(): boolean {
    return !this.over && this.pending < MAX_PENDING;
  }

  get over(): boolean {
    return this.call.over;
  }

  encode(message: T): PreEncoded {
    return preEncode(this.type, message);
  }

  write(message: T | PreEncoded): Promise<boolean> {
    if (this.over) return OVER;
    if (this.pending === 0) this.slowReaders.watch(this);
    this.#written += 1;
    this.surface.write(message, this.#onFlushed);
    return this.pending < MAX_PENDING ? FLOWING : this.#untilIdle();
  }

  idle(): Promise<boolean> {
    if (this.over) return OVER;
    return this.pending === 0 ? FLOWING : this.#untilIdle();
  }

  cut(): void {
    if (this.over) return;
    const error = new BerthError(
      'SLOW_READER',
      `nothing of the stream was read for ${String(this.slowReaders.limitMs / 1000)} s while ${String(this.pending)} messages wait; read it steadily, or open it again`,
      { metadata: { pending: String(this.pending) } },
    );
    const status = errorStatus(error);
    this.surface.emit('error', status);
    this.call.end(status.code, error.reason);
  }

  reset(): void {
    // ENHANCE_YOUR_CALM reaches callers as RESOURCE_EXHAUSTED.
    http2StreamOf(this.surface)?.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** Settles those who wait: after a cancel grpc-js never calls back for what was written. */
  ended(): void {
    this.#release(false);
  }

  left(): void {
    this.slowReaders.drop(this);
  }

  readonly #onFlushed = (): void => {
    this.flushed += 1;
    if (this.pending > 0) return;
    this.slowReaders.forget(this);
    this.#release(!this.over);
  };

  #untilIdle(): Promise<boolean> {
    this.#waiting ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
    return this.#waiting;
  }

  #release(flowing: boolean): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#waiting = undefined;
    resolve?.(flowing);
  }
}
