import { status as Code } from '@grpc/grpc-js';
import type { Any } from '@berth/proto/google/protobuf/any';
import type { Duration } from '@berth/proto/google/protobuf/duration';
import {
  BadRequest,
  ErrorInfo,
  Help,
  LocalizedMessage,
  PreconditionFailure,
  QuotaFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
} from '@berth/proto/google/rpc/error_details';
import type { Status } from '@berth/proto/google/rpc/status';
import type { MessageType } from '../calls/message-type.js';

/** A `google.rpc.Status` as JSON. */
export interface StatusJson {
  readonly code: number;
  readonly message: string;
  readonly details: readonly object[];
}

const RPC = 'type.googleapis.com/google.rpc.';
const DETAILS: Readonly<Record<string, MessageType<object>>> = {
  BadRequest,
  ErrorInfo,
  Help,
  LocalizedMessage,
  PreconditionFailure,
  QuotaFailure,
  RequestInfo,
  ResourceInfo,
};

/** The HTTP status that `google.rpc.Code` gives to a code of gRPC. */
const HTTP_STATUS: Readonly<Record<number, number>> = {
  [Code.OK]: 200,
  [Code.CANCELLED]: 499,
  [Code.UNKNOWN]: 500,
  [Code.INVALID_ARGUMENT]: 400,
  [Code.DEADLINE_EXCEEDED]: 504,
  [Code.NOT_FOUND]: 404,
  [Code.ALREADY_EXISTS]: 409,
  [Code.PERMISSION_DENIED]: 403,
  [Code.RESOURCE_EXHAUSTED]: 429,
  [Code.FAILED_PRECONDITION]: 400,
  [Code.ABORTED]: 409,
  [Code.OUT_OF_RANGE]: 400,
  [Code.UNIMPLEMENTED]: 501,
  [Code.INTERNAL]: 500,
  [Code.UNAVAILABLE]: 503,
  [Code.DATA_LOSS]: 500,
  [Code.UNAUTHENTICATED]: 401,
};

/** Reasons for which HTTP has a status of its own, closer to them than that of their code. */
const STATUS_OF_REASON: Readonly<Record<string, number>> = {
  MESSAGE_TOO_LARGE: 413,
  METHOD_NOT_ALLOWED: 405,
  NO_SUCH_PATH: 404,
  UNSUPPORTED_MEDIA: 415,
};

/** The HTTP status for an error by its code, and by its reason where HTTP has a closer one. */
export function httpStatusOf(code: number, reason?: string): number {
  return (reason === undefined ? undefined : STATUS_OF_REASON[reason]) ?? HTTP_STATUS[code] ?? 500;
}

/** The status as protobuf's JSON, with the details that `google.rpc` knows spelled out. */
export function statusJson({ code, message, details }: Status): StatusJson {
  return { code, message, details: details.map(detailJson) };
}

/** The ErrorInfo of a status: its reason and further facts; undefined where it has none. */
export function errorInfoOf({ details }: Status): ErrorInfo | undefined {
  const info = details.find(({ typeUrl }) => typeUrl === `${RPC}ErrorInfo`);
  return info === undefined ? undefined : ErrorInfo.decode(info.value);
}

/** How long a status asks to wait before a retry, in milliseconds; undefined where it does not say. */
export function retryAfterOf({ details }: Status): number | undefined {
  const info = details.find(({ typeUrl }) => typeUrl === `${RPC}RetryInfo`);
  const delay = info === undefined ? undefined : RetryInfo.decode(info.value).retryDelay;
  return delay === undefined ? undefined : delay.seconds * 1000 + delay.nanos / 1e6;
}

function detailJson({ typeUrl, value }: Any): object {
  const name = typeUrl.startsWith(RPC) ? typeUrl.slice(RPC.length) : '';
  if (name === 'RetryInfo') {
    const { retryDelay } = RetryInfo.decode(value);
    return { '@type': typeUrl, ...(retryDelay && { retryDelay: durationJson(retryDelay) }) };
  }
  const type = DETAILS[name];
  if (type === undefined) return { '@type': typeUrl, value: Buffer.from(value).toString('base64') };
  return { '@type': typeUrl, ...(withoutDefaults(type.decode(value)) as object) };
}

function durationJson({ seconds, nanos }: Duration): string {
  return `${String(seconds + nanos / 1e9)}s`;
}

/** The message without the fields that have their default, as protobuf's JSON leaves them out. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => !isDefault(inner))
      .map(([key, inner]) => [key, withoutDefaults(inner)]),
  );
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === '' || value === 0 || value === false;
}
