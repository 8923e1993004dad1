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

// A peer takes 16 KiB of headers or less: texts and lists are cut so that message and details (in base64) stay below.
const MAX_MESSAGE_CHARS = 2000;
const MAX_DETAILS_BYTES = 5000;
const LIST_LIMITS = [100, 30, 10, 3, 0];

/** What grpc-js takes as the end of a call. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** The status with `grpc-status-details-bin` that tells a caller of this error. */
export function errorStatus(error: BerthError): CallStatus {
  const code = STATUS_OF_KIND[error.kind];
  const details = headerText(error.message, MAX_MESSAGE_CHARS);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', detailBytes(code, details, error));
  return { code, details, metadata };
}

/** The same as a message, for answers that carry an error for each of their items. */
export function rpcStatus(error: BerthError): Status {
  const message = headerText(error.message, MAX_MESSAGE_CHARS);
  return Status.decode(detailBytes(STATUS_OF_KIND[error.kind], message, error));
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

function detailBytes(code: number, message: string, error: BerthError): Buffer {
  for (const limit of LIST_LIMITS) {
    const details = detailMessages(error.reason, error.details, limit);
    const bytes = encodedBytes(Status, { code, message, details });
    if (bytes.length <= MAX_DETAILS_BYTES) return bytes;
  }
  return encodedBytes(Status, { code, message, details: [errorInfo(error.reason, {})] });
}

function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): Any {
  return packed('google.rpc.ErrorInfo', ErrorInfo, { reason, domain: ERROR_DOMAIN, metadata: { ...metadata } });
}

function detailMessages(reason: string, details: ErrorDetails, limit: number): Any[] {
  const all = [errorInfo(reason, details.metadata ?? {})];
  const { fields, preconditions, quota, resource, retryAfterMs } = details;
  if (fields !== undefined) {
    const fieldViolations = fields
      .slice(0, limit)
      .map((violation) => ({ ...violation, reason: '', localizedMessage: undefined }));
    all.push(packed('google.rpc.BadRequest', BadRequest, { fieldViolations }));
  }
  if (preconditions !== undefined) {
    all.push(
      packed('google.rpc.PreconditionFailure', PreconditionFailure, { violations: preconditions.slice(0, limit) }),
    );
  }
  if (quota !== undefined) {
    const violations = quota.slice(0, limit).map((violation) => QuotaFailure_Violation.fromPartial(violation));
    all.push(packed('google.rpc.QuotaFailure', QuotaFailure, { violations }));
  }
  if (resource !== undefined) {
    const { type, name, owner = '', description = '' } = resource;
    const info = { resourceType: type, resourceName: name, owner, description };
    all.push(packed('google.rpc.ResourceInfo', ResourceInfo, info));
  }
  if (retryAfterMs !== undefined) {
    const seconds = Math.floor(retryAfterMs / 1000);
    const nanos = Math.round((retryAfterMs - seconds * 1000) * 1e6);
    all.push(packed('google.rpc.RetryInfo', RetryInfo, { retryDelay: { seconds, nanos } }));
  }
  return all;
}

function packed<T>(name: string, type: MessageType<T>, message: T): Any {
  return { typeUrl: `type.googleapis.com/${name}`, value: encodedBytes(type, message) };
}

/** Text that grpc-js can percent-encode (half a surrogate pair makes it throw), no longer than `max` characters. */
function headerText(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  return Buffer.from(cut).toString();
}
