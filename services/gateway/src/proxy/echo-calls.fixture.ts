// Calls of the echo service by a plain grpc-js client.
import { Duration } from '@berth/proto/google/protobuf/duration';
import { ErrorInfo, RetryInfo } from '@berth/proto/google/rpc/error_details';
import { Status } from '@berth/proto/google/rpc/status';
import type { CallOptions, Client, ClientDuplexStream, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import { PATH } from './proxy.fixture.js';

export interface EchoCall {
  readonly metadata?: Readonly<Record<string, string | Buffer>>;
  readonly options?: CallOptions;
}

/** What a caller learns of a failure. */
export interface Failure {
  readonly code: number;
  readonly text: string;
  readonly reason: string | undefined;
  readonly retryMs: number | undefined;
}

export function callEcho(client: Client, request: ErrorInfo, call: EchoCall = {}): Promise<ErrorInfo> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      PATH.echo,
      encodeWord,
      decodeWord,
      request,
      metadataOf(call),
      call.options ?? {},
      (error, answer) => {
        if (error !== null) reject(error);
        else if (answer !== undefined) resolve(answer);
      },
    );
  });
}

export function openCount(client: Client, seconds: number, call: EchoCall = {}): ClientReadableStream<ErrorInfo> {
  const request = { seconds, nanos: 0 };
  return client.makeServerStreamRequest(PATH.count, encodeSpan, decodeWord, request, metadataOf(call), call.options);
}

export function openChat(client: Client): ClientDuplexStream<ErrorInfo, ErrorInfo> {
  return client.makeBidiStreamRequest(PATH.chat, encodeWord, decodeWord);
}

export function callSum(client: Client, seconds: readonly number[]): Promise<Duration> {
  return new Promise((resolve, reject) => {
    const call = client.makeClientStreamRequest(PATH.sum, encodeSpan, decodeSpan, (error, answer) => {
      if (error !== null) reject(error);
      else if (answer !== undefined) resolve(answer);
    });
    for (const each of seconds) call.write({ seconds: each, nanos: 0 });
    call.end();
  });
}

/** All messages of a stream. Rejects with its error. */
export function readAll(
  stream: ClientReadableStream<ErrorInfo> | ClientDuplexStream<ErrorInfo, ErrorInfo>,
): Promise<string[]> {
  const read: string[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', ({ reason }: ErrorInfo) => read.push(reason));
    stream.on('error', reject);
    stream.on('end', () => {
      resolve(read);
    });
  });
}

/** The failure of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<Failure> {
  try {
    await call;
  } catch (error) {
    return failureOf(error as ServiceError);
  }
  throw new Error('the call did not fail');
}

function failureOf({ code, details, metadata }: ServiceError): Failure {
  const bytes = metadata.get('grpc-status-details-bin')[0];
  const all = bytes === undefined ? [] : Status.decode(bytes as Buffer).details;
  const find = (name: string): Buffer | undefined =>
    all.find(({ typeUrl }) => typeUrl === `type.googleapis.com/google.rpc.${name}`)?.value;
  const [info, retry] = [find('ErrorInfo'), find('RetryInfo')];
  const delay = retry && RetryInfo.decode(retry).retryDelay;
  return {
    code,
    text: details,
    reason: info && ErrorInfo.decode(info).reason,
    retryMs: delay && delay.seconds * 1000 + delay.nanos / 1e6,
  };
}

function metadataOf({ metadata = {} }: EchoCall): Metadata {
  const all = new Metadata();
  for (const [name, value] of Object.entries(metadata)) all.set(name, value);
  return all;
}

function encodeWord(message: ErrorInfo): Buffer {
  return Buffer.from(ErrorInfo.encode(message).finish());
}

function decodeWord(bytes: Buffer): ErrorInfo {
  return ErrorInfo.decode(bytes);
}

function encodeSpan(message: Duration): Buffer {
  return Buffer.from(Duration.encode(message).finish());
}

function decodeSpan(bytes: Buffer): Duration {
  return Duration.decode(bytes);
}
