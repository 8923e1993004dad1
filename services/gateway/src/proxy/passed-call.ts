import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { BerthError } from '@berth/kernel';
import { status as Status } from '@grpc/grpc-js';
import { answerError, errorTrailers } from './error-answer.js';

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** The codes of resets that say no more than that the stream is gone. */
const GONE: ReadonlySet<number> = new Set([NGHTTP2_NO_ERROR, NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM]);

/** The codes of gRPC, by their text in trailers. */
const CODES: ReadonlyMap<string, Status> = new Map(
  Object.values(Status)
    .filter((code) => typeof code === 'number')
    .map((code) => [String(code), code]),
);

export interface PassedCallDeps {
  /** Whether the connection to the role is gone, and not this stream alone. */
  readonly isDisconnected: () => boolean;
  /** Calls back when the role is to learn that the client has gone. */
  readonly afterGone: (tell: () => void) => void;
  /** What a client is told whose role went away before it had answered. */
  readonly broken: () => BerthError;
  /**
   * The call is over, with its gRPC status, and the reason where the gateway ended it. The status is CANCELLED when the client
   * has gone, or the role reset the stream.
   */
  readonly over: (code: Status, reason?: string) => void;
}

/**
 * A call between a client and a role: what either sends goes on as it is, and no faster than the other side takes it. Node
 * buffers what one side has sent and the other has not taken up to the windows of HTTP/2.
 */
export class PassedCall {
  #trailers: OutgoingHttpHeaders | IncomingHttpHeaders | undefined;
  /** The client's stream waits for the trailers. */
  #wanted = false;
  /** All of the answer was given to the client's stream. */
  #answered = false;
  #isOver = false;
  #reason: string | undefined;

  constructor(
    private readonly client: ServerHttp2Stream,
    private readonly role: ClientHttp2Stream,
    private readonly deps: PassedCallDeps,
  ) {
    this.#passRequests();
    this.#passAnswers();
  }

  /** Ends the call with an error, after what was answered so far. */
  fail(error: BerthError): void {
    if (this.#isOver || this.#answered) return;
    if (this.client.destroyed) {
      this.#leave(NGHTTP2_CANCEL);
      return;
    }
    this.role.close(NGHTTP2_CANCEL);
    this.#answered = true;
    this.#reason = error.reason;
    this.#trailers = errorTrailers(error);
    if (!this.client.headersSent) answerError(this.client, error);
    else if (this.#wanted) this.#sendTrailers();
    else this.client.end();
  }

  #passRequests(): void {
    const { client, role } = this;
    client.on('data', (chunk: Buffer) => {
      if (!this.#answered && !role.destroyed && !role.write(chunk)) client.pause();
    });
    role.on('drain', () => client.resume());
    client.on('end', () => {
      if (!role.destroyed) role.end();
    });
    // Each error is followed by 'close', which says all that there is to know.
    client.on('error', ignore);
    client.on('close', () => {
      // All was answered, the client cancelled, or its connection is gone.
      if (this.#answered) this.#leave(NGHTTP2_NO_ERROR);
      else this.deps.afterGone(() => this.#leave(NGHTTP2_CANCEL));
    });
  }

  #leave(code: number): void {
    if (!this.role.destroyed) this.role.close(code);
    this.#end();
  }

  #passAnswers(): void {
    const { client, role } = this;
    role.on('response', (headers, flags) => {
      if (client.closed || client.headersSent) return;
      if ((flags & NGHTTP2_FLAG_END_STREAM) === 0) {
        client.respond(headers, { waitForTrailers: true });
        return;
      }
      this.#trailers = headers;
      this.#answered = true;
      client.respond(headers, { endStream: true });
      this.#letGo();
    });
    role.on('data', (chunk: Buffer) => {
      if (!client.destroyed && !client.writableEnded && !client.write(chunk)) role.pause();
    });
    client.on('drain', () => role.resume());
    role.on('trailers', (trailers: IncomingHttpHeaders) => {
      if (this.#answered) return;
      this.#trailers = trailers;
      if (this.#wanted) this.#sendTrailers();
    });
    role.on('end', () => {
      if (!this.#answered && client.headersSent && this.#mayEnd()) client.end();
    });
    client.on('wantTrailers', () => {
      this.#wanted = true;
      if (this.#trailers !== undefined) this.#sendTrailers();
    });
    role.on('error', ignore);
    role.on('close', () => {
      this.#roleGone();
    });
  }

  /** A stream that ends because its connection broke ends like one that was answered, but for the trailers. */
  #mayEnd(): boolean {
    return this.#trailers !== undefined || this.role.rstCode === NGHTTP2_NO_ERROR;
  }

  #sendTrailers(): void {
    const { client } = this;
    this.#wanted = false;
    this.#answered = true;
    if (client.closed) return;
    client.sendTrailers(this.#trailers ?? {});
    this.#letGo();
  }

  /** All was answered: what the client still sends is thrown away, and the role need not wait for it. */
  #letGo(): void {
    const { client, role } = this;
    client.resume();
    if (!role.writableEnded && !role.destroyed) role.close(NGHTTP2_NO_ERROR);
  }

  #roleGone(): void {
    const { client, role } = this;
    if (client.destroyed) {
      this.#end();
      return;
    }
    if (this.#answered || this.#trailers !== undefined) return;
    const code = role.rstCode;
    if (GONE.has(code) || this.deps.isDisconnected()) this.fail(this.deps.broken());
    else client.close(code);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.deps.over(this.#answered ? statusOf(this.#trailers) : Status.CANCELLED, this.#reason);
  }
}

/** The status that trailers tell; UNKNOWN for one that there is not. */
function statusOf(trailers: OutgoingHttpHeaders | undefined): Status {
  return CODES.get(String(trailers?.['grpc-status'])) ?? Status.UNKNOWN;
}

function ignore(): void {
  return undefined;
}
