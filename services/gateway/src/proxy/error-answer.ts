import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { BerthError } from '@berth/kernel';
import { errorStatus } from '@berth/server';

/** The trailers that end a call with an error. */
export function errorTrailers(error: BerthError): OutgoingHttpHeaders {
  const { code, details, metadata } = errorStatus(error);
  return { 'grpc-status': String(code), 'grpc-message': encodeURI(details), ...metadata.toHttp2Headers() };
}

/** Answers a call of which nothing was answered yet. */
export function answerError(stream: ServerHttp2Stream, error: BerthError): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto', ...errorTrailers(error) }, { endStream: true });
  letGo(stream);
}

/** Answers what is not a call of gRPC with an HTTP status. */
export function answerStatus(stream: ServerHttp2Stream, status: number): void {
  stream.respond({ ':status': status }, { endStream: true });
  letGo(stream);
}

/** Nothing more is read of a stream that was answered: its client need not send the rest. */
export function letGo(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  // What has come is thrown away, so that the stream ends.
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
}
