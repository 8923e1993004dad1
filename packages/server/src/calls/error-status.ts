import type { ErrorDetails, ErrorKind } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Any } from '@berth/proto/google/protobuf/any';
import { Status } from '@berth/proto/google/rpc/status';
import {
  BadRequest,
  ErrorInfo,
  PreconditionFailure,
  QuotaFailure,
  QuotaFailure_Violation,
  ResourceInfo,
  RetryInfo,
} from '@berth/proto/google/rpc/error_details';
import { Metadata, status } from '@grpc/grpc-js';
import { durationOf } from '../requests/values-to-proto.js';
import { encodedBytes } from './pre-encoded.js';
import type { MessageType } from './message-type.js';

/** The domain in ErrorInfo: reasons are unique within it. */
export const ERROR_DOMAIN = 'berth.dev';

const STATUS_OF_KIND: Readonly<Record<ErrorKind, status>> = {
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  exists: status.ALREADY_EXISTS,
  precondition: status.FAILED_PRECONDITION,
  exhausted: status.RESOURCE_EXHAUSTED,
  aborted: status.ABORTED,
  out_of_range: status.OUT_OF_RANGE,
  permission: status.PERMISSION_DENIED,
  unauthenticated: status.UNAUTHENTICATED,
  unavailable: status.UNAVAILABLE,
  deadline: status.DEADLINE_EXCEEDED,
  cancelled: status.CANCELLED,
  unimplemented: status.UNIMPLEMENTED,
  internal: status.INTERNAL,
};

/**
 * What a message and its details take as they are sent, in bytes: `grpc-message` percent-encoded and
 * `grpc-status-details-bin` in base64. Clients take 8 KiB of trailers or more; with the other headers it stays below 6.
 */
const MAX_HEADER_BYTES = 5600;
/** What of that a message may take, which is in both headers. */
const MAX_MESSAGE_BYTES = 4700;
const MAX_MESSAGE_CHARS = 2000;
/** Characters of a message where there is room for little; each takes at most three bytes. */
const SHORT_CHARS = 24;
/** What of the details is kept, the most first: entries of each list, and characters of each text. */
const DETAIL_LIMITS = [
  [100, Infinity],
  [30, Infinity],
  [10, Infinity],
  [10, 300],
  [3, 300],
  [3, 100],
  [0, 100],
] as const;

/** What grpc-js takes as the end of a call. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** The status with `grpc-status-details-bin` that tells a caller of this error. */
export function errorStatus(error: BerthError): CallStatus {
  const code = STATUS_OF_KIND[error.kind];
  const details = headerText(error.message);
  const metadata = new Metadata();
  // Three bytes are four characters of base64.
  const maxBytes = Math.floor(((MAX_HEADER_BYTES - encodeURI(details).length) * 3) / 4);
  metadata.set('grpc-status-details-bin', detailBytes(code, details, error, maxBytes));
  return { code, details, metadata };
}

/** An error as a message, for answers that carry an error for each of their items. */
export function rpcStatus(error: BerthError): Status {
  return describedStatus(STATUS_OF_KIND[error.kind], error.reason, error.message, error.details);
}

/** The message of an error of another service, whose reason may be one that this build does not know. */
export function describedStatus(code: number, reason: string, message: string, details: ErrorDetails): Status {
  const text = headerText(message);
  return Status.decode(detailBytes(code, text, { reason, details }, MAX_HEADER_BYTES));
}

/** The least of it that is worth telling, in at most 190 bytes: code, reason, and the beginning of the message. */
export function shortRpcStatus(error: BerthError): Status {
  const { reason, kind, message } = error;
  const text = message.length <= SHORT_CHARS ? message : `${headerText(message.slice(0, SHORT_CHARS))}…`;
  return { code: STATUS_OF_KIND[kind], message: text, details: [errorInfo(reason, { cut: 'true' })] };
}

/** The error a caller gets for one that nobody foresaw: a fixed text and the request id, never the cause. */
export function unexpectedError(requestId: string, cause: unknown): BerthError {
  return new BerthError(
    'INTERNAL',
    `the server failed in a way it did not foresee; its log has the cause under request ${requestId}`,
    { metadata: { requestId } },
    { cause },
  );
}

interface Described {
  readonly reason: string;
  readonly details: ErrorDetails;
}

/** The details with as much of them as fits; what is cut is marked. */
function detailBytes(code: number, message: string, { reason, details }: Described, maxBytes: number): Buffer {
  for (const [most, chars] of DETAIL_LIMITS) {
    const bytes = encodedBytes(Status, { code, message, details: detailMessages(reason, details, most, chars) });
    if (bytes.length <= maxBytes) return bytes;
  }
  const { retryAfterMs } = details;
  const least = { metadata: { cut: 'true' }, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return encodedBytes(Status, { code, message, details: detailMessages(reason, least, 0, Infinity) });
}

function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): Any {
  return packed('google.rpc.ErrorInfo', ErrorInfo, { reason, domain: ERROR_DOMAIN, metadata: { ...metadata } });
}

function detailMessages(reason: string, details: ErrorDetails, most: number, chars: number): Any[] {
  const { fields, preconditions, quota, resource, resources = [], retryAfterMs, metadata = {} } = details;
  const all = [errorInfo(reason, shortened(metadata, chars))];
  if (fields !== undefined) {
    const fieldViolations = listed(fields, most, chars, { field: '' }).map((violation) => ({
      ...violation,
      reason: '',
      localizedMessage: undefined,
    }));
    all.push(packed('google.rpc.BadRequest', BadRequest, { fieldViolations }));
  }
  if (preconditions !== undefined) {
    const violations = listed(preconditions, most, chars, { type: '', subject: '' });
    all.push(packed('google.rpc.PreconditionFailure', PreconditionFailure, { violations }));
  }
  if (quota !== undefined) {
    const violations = listed(quota, most, chars, { subject: '' });
    all.push(
      packed('google.rpc.QuotaFailure', QuotaFailure, {
        violations: violations.map((violation) => QuotaFailure_Violation.fromPartial(violation)),
      }),
    );
  }
  for (const each of [resource ?? [], resources.slice(0, most)].flat()) {
    const { type, name, owner, description } = shortened({ owner: '', description: '', ...each }, chars);
    const info = { resourceType: type, resourceName: name, owner, description };
    all.push(packed('google.rpc.ResourceInfo', ResourceInfo, info));
  }
  if (retryAfterMs !== undefined) {
    all.push(packed('google.rpc.RetryInfo', RetryInfo, { retryDelay: durationOf(retryAfterMs) }));
  }
  return all;
}

function packed<T>(name: string, type: MessageType<T>, message: T): Any {
  return { typeUrl: `type.googleapis.com/${name}`, value: encodedBytes(type, message) };
}

/** The first entries of a list, and one that says how many more there were. */
function listed<T extends { readonly description: string }>(
  list: readonly T[],
  most: number,
  chars: number,
  rest: Omit<T, 'description'>,
): T[] {
  const kept = list.slice(0, most).map((entry) => shortened(entry, chars));
  const more = list.length - kept.length;
  if (more > 0) kept.push({ ...rest, description: `… and ${String(more)} more` } as T);
  return kept;
}

/** The object with its texts cut to so many characters. */
function shortened<T extends object>(texts: T, chars: number): T {
  if (chars === Infinity) return texts;
  const cut = (value: unknown): unknown =>
    typeof value === 'string' && value.length > chars ? `${value.slice(0, chars)}…` : value;
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, cut(value)])) as T;
}

/**
 * Text that grpc-js can percent-encode (half a surrogate pair makes it throw), cut to what a message may take as it is
 * sent: a letter that is not ASCII takes nine bytes and more, percent-encoded and in base64.
 */
function headerText(text: string): string {
  const whole = Buffer.from(text.slice(0, MAX_MESSAGE_CHARS)).toString();
  // As many characters fit whatever they are.
  if (text.length <= MAX_MESSAGE_BYTES / 14) return whole;
  const fits = text.length <= MAX_MESSAGE_CHARS && sentBytes(whole) <= MAX_MESSAGE_BYTES;
  if (fits) return whole;
  const mark = '…';
  let left = MAX_MESSAGE_BYTES - sentBytes(mark);
  let end = 0;
  for (const letter of whole) {
    left -= sentBytes(letter);
    if (left < 0 || end + letter.length >= MAX_MESSAGE_CHARS) break;
    end += letter.length;
  }
  return whole.slice(0, end) + mark;
}

/** Bytes of a text percent-encoded, and in base64. */
function sentBytes(text: string): number {
  return encodeURI(text).length + (Buffer.byteLength(text) * 4) / 3;
}
