// Calls of the echo service by a plain grpc-js client, with errors read back from their details.
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Any } from '@berth/proto/google/protobuf/any';
import type { Duration } from '@berth/proto/google/protobuf/duration';
import { BadRequest, ErrorInfo, RetryInfo } from '@berth/proto/google/rpc/error_details';
import { Status } from '@berth/proto/google/rpc/status';
import type { Client, ClientDuplexStream, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import { decodeSpan, decodeWord, encodeSpan, encodeWord, PATH } from './echo-service.fixture.js';

export interface CallError {
  readonly code: number;
  readonly text: string;
  readonly info: ErrorInfo | undefined;
  readonly fields: readonly string[];
  readonly retry: Duration | undefined;
}

/** What a caller learns from an error. */
export function readError(error: ServiceError): CallError {
  const bytes = error.metadata.get('grpc-status-details-bin')[0];
  const details = bytes === undefined ? [] : Status.decode(bytes as Buffer).details;
  const find = (name: string): Any | undefined =>
    details.find((any) => any.typeUrl === `type.googleapis.com/google.rpc.${name}`);
  const info = find('ErrorInfo');
  const bad = find('BadRequest');
  const retry = find('RetryInfo');
  return {
    code: error.code,
    text: error.details,
    info: info && ErrorInfo.decode(info.value),
    fields: bad === undefined ? [] : BadRequest.decode(bad.value).fieldViolations.map(({ field }) => field),
    retry: retry && RetryInfo.decode(retry.value).retryDelay,
  };
}

export interface CallSettings {
  readonly metadata?: Record<string, string>;
  readonly deadline?: number;
  /** Bytes to send in place of the encoded request. */
  readonly raw?: Buffer;
}

/** Calls Echo; rejects with a CallError. */
export function callEcho(client: Client, request: ErrorInfo, settings: CallSettings = {}): Promise<ErrorInfo> {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(settings.metadata ?? {})) metadata.set(key, value);
  const serialize = (message: ErrorInfo): Buffer => settings.raw ?? encodeWord(message);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      PATH.echo,
      serialize,
      decodeWord,
      request,
      metadata,
      { ...(settings.deadline !== undefined && { deadline: settings.deadline }) },
      (error, answer) => {
        if (error !== null) rejectWith(reject, error);
        else if (answer !== undefined) resolve(answer);
      },
    );
  });
}

export function openCount(client: Client, request: Duration, deadline?: number): ClientReadableStream<ErrorInfo> {
  return client.makeServerStreamRequest(PATH.count, encodeSpan, decodeWord, request, {
    ...(deadline !== undefined && { deadline }),
  });
}

/** Calls Count over a bare HTTP/2 connection; its errors are nothing to tell of. */
export function openRawCount(session: ClientHttp2Session): ClientHttp2Stream {
  const headers = { ':method': 'POST', ':path': PATH.count, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request(headers);
  stream.on('error', () => undefined);
  // Five bytes are an empty message.
  stream.end(Buffer.alloc(5));
  return stream;
}

export function openChat(client: Client): ClientDuplexStream<ErrorInfo, ErrorInfo> {
  return client.makeBidiStreamRequest(PATH.chat, encodeWord, decodeWord);
}

/** Calls Sum with these requests; rejects with a CallError. */
export function callSum(client: Client, requests: readonly Duration[]): Promise<Duration> {
  return new Promise((resolve, reject) => {
    const call = client.makeClientStreamRequest(PATH.sum, encodeSpan, decodeSpan, (error, answer) => {
      if (error !== null) rejectWith(reject, error);
      else if (answer !== undefined) resolve(answer);
    });
    for (const request of requests) call.write(request);
    call.end();
  });
}

/** All messages of a stream; rejects with a CallError. */
export function readAll(
  stream: ClientReadableStream<ErrorInfo> | ClientDuplexStream<ErrorInfo, ErrorInfo>,
): Promise<string[]> {
  const read: string[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', (message: ErrorInfo) => read.push(message.reason));
    stream.on('error', (error: ServiceError) => {
      rejectWith(reject, error);
    });
    stream.on('end', () => {
      resolve(read);
    });
  });
}

/** The error that a call fails with. Throws when it does not fail. */
export async function failure(call: Promise<unknown>): Promise<CallError> {
  try {
    await call;
  } catch (error) {
    return error as CallError;
  }
  throw new Error('the call did not fail');
}

function rejectWith(reject: (reason: unknown) => void, error: ServiceError): void {
  reject(readError(error));
}
