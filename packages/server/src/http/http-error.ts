import type { ErrorDetails } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { Status } from '@berth/proto/google/rpc/status';
import type { ServiceError } from '@grpc/grpc-js';
import { describedStatus, rpcStatus, unexpectedError } from '../calls/error-status.js';
import type { StatusJson } from './status-json.js';
import { errorInfoOf, httpStatusOf, retryAfterOf, statusJson } from './status-json.js';

/** What an error is over HTTP. */
export interface HttpError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: StatusJson;
}

/** An error that a client of a role threw: the shape of BerthError in @berth/client. */
interface ClientError extends Error {
  readonly reason: string;
  readonly code: number;
  readonly details: ErrorDetails;
}

/** What browsers and curl are asked for: a name and a password, which is the token, or the token itself. */
const CHALLENGE = ['Basic realm="Berth", charset="UTF-8"', 'Bearer realm="Berth"'];
const UNAVAILABLE = 503;

/** The answer for an error; one that nobody foresaw becomes INTERNAL with the request's id and without its cause. */
export function httpError(error: unknown, requestId: string): HttpError {
  return httpErrorOfStatus(statusOf(error, requestId));
}

/** The answer for a status that a role gave. */
export function httpErrorOfStatus(status: Status): HttpError {
  const info = errorInfoOf(status);
  const http = httpStatusOf(status.code, info?.reason);
  const retryAfterMs = retryAfterOf(status) ?? (http === UNAVAILABLE ? 1000 : undefined);
  return {
    status: http,
    headers: {
      ...(http === 405 && { allow: info?.metadata['allow'] ?? '' }),
      ...(http === 401 && { 'www-authenticate': CHALLENGE }),
      ...(retryAfterMs !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    },
    body: statusJson(status),
  };
}

/** Whether nobody foresaw this error, so that its cause belongs into the log. */
export function isUnexpected(error: unknown): boolean {
  if (error instanceof BerthError) return error.reason === 'INTERNAL';
  return !isClientError(error) && !isServiceError(error) && !isFastifyError(error);
}

/** The error as `google.rpc.Status`. */
function statusOf(error: unknown, requestId: string): Status {
  if (error instanceof BerthError && error.reason !== 'INTERNAL') return rpcStatus(error);
  if (isClientError(error)) return describedStatus(error.code, error.reason, error.message, error.details);
  if (isServiceError(error)) return toldStatus(error);
  if (isFastifyError(error)) return rpcStatus(frameworkError(error));
  return rpcStatus(unexpectedError(requestId, error));
}

function isClientError(error: unknown): error is ClientError {
  return error instanceof Error && 'reason' in error && 'code' in error && typeof error.code === 'number';
}

/** An error of grpc-js, as a call without a client throws it. */
function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'metadata' in error;
}

function toldStatus({ code, details, metadata }: ServiceError): Status {
  const [bytes] = metadata.get('grpc-status-details-bin');
  return bytes instanceof Buffer ? Status.decode(bytes) : { code, message: details, details: [] };
}

interface FastifyError extends Error {
  readonly code: string;
  readonly statusCode: number;
}

/** An error of Fastify about a request that it cannot take. */
function isFastifyError(error: unknown): error is FastifyError {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return false;
  return error.statusCode >= 400 && error.statusCode < 500;
}

function frameworkError({ code, statusCode, message }: FastifyError): BerthError {
  if (statusCode === 413) {
    const text = `the body is larger than this server takes (${message}); send less at once`;
    return new BerthError('MESSAGE_TOO_LARGE', text, { fields: [{ field: 'body', description: message }] });
  }
  const field = code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH' ? 'path' : 'body';
  const details = { fields: [{ field, description: message }] };
  if (statusCode === 415) {
    const text = `a body of this type is not read here (${message}); send one of the types in docs/http.md`;
    return new BerthError('UNSUPPORTED_MEDIA', text, details);
  }
  return new BerthError('MALFORMED_REQUEST', `the request cannot be read: ${message}`, details);
}
