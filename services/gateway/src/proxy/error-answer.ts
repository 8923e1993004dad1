import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { BerthError } from '@berth/kernel';
import { errorStatus } from '@berth/server';

/** The trailers that end a call with an error. */
export function errorTrailers(error: BerthError): OutgoingHttpHeaders {
  const { code, details, metadata } = errorStatus(error);
  return { 'grpc-status': String(code), 'grpc-message': encodeURI(details), ...metadata.toHttp2Headers() };
}

/**
 * Answers a call of which nothing was answered yet. What its client still sends is thrown away: it stops when it has the
 * answer. A reset would overtake the answer in some clients.
 */
export function answerError(stream: ServerHttp2Stream, error: BerthError): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc+proto', ...errorTrailers(error) },
    { endStream: true },
  );
  stream.resume();
}

/** Answers what is not a call of gRPC with an HTTP status. */
export function answerStatus(stream: ServerHttp2Stream, status: number): void {
  stream.respond({ ':status': status }, { endStream: true });
  stream.resume();
}
