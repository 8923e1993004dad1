import {
  BadRequest,
  ErrorInfo,
  PreconditionFailure,
  QuotaFailure,
  ResourceInfo,
  RetryInfo,
} from '@berth/proto/google/rpc/error_details';
import { Status as StatusProto } from '@berth/proto/google/rpc/status';
import { ClientError, type Metadata, Status } from 'nice-grpc-common';
import { BerthError, type BerthErrorDetails, statusName } from './berth-error.js';
import { connectionFaultOf } from './connection-fault.js';
import { durationToMs } from './span.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Decoded {
  reason?: string;
  details: Mutable<BerthErrorDetails>;
}

const decoders: Record<string, (value: Uint8Array, into: Decoded) => void> = {
  'google.rpc.ErrorInfo': (value, into) => {
    const info = ErrorInfo.decode(value);
    into.reason = info.reason;
    if (Object.keys(info.metadata).length > 0) into.details.metadata = info.metadata;
  },
  'google.rpc.BadRequest': (value, into) => {
    into.details.fields = BadRequest.decode(value).fieldViolations.map(({ field, description }) => ({
      field,
      description,
    }));
  },
  'google.rpc.PreconditionFailure': (value, into) => {
    into.details.preconditions = PreconditionFailure.decode(value).violations;
  },
  'google.rpc.ResourceInfo': (value, into) => {
    const info = ResourceInfo.decode(value);
    const { resourceType: type, resourceName: name, owner, description } = info;
    const resource = { type, name, owner, description };
    into.details.resources = [...(into.details.resources ?? []), resource];
    into.details.resource ??= resource;
  },
  'google.rpc.QuotaFailure': (value, into) => {
    into.details.quota = QuotaFailure.decode(value).violations.map(({ subject, description }) => ({
      subject,
      description,
    }));
  },
  'google.rpc.RetryInfo': (value, into) => {
    const delay = RetryInfo.decode(value).retryDelay;
    if (delay) into.details.retryAfterMs = durationToMs(delay);
  },
};

/**
 * The `BerthError` for what nice-grpc threw; anything but a gRPC status is returned as it is. Details that cannot be read
 * (a proxy's, a newer server's) are left out: the status code and text still stand.
 */
export function toBerthError(error: unknown, trailer: Metadata | undefined): unknown {
  if (!(error instanceof ClientError)) return error;
  const decoded: Decoded = { details: {} };
  const bytes = trailer?.get('grpc-status-details-bin');
  if (bytes !== undefined) decodeInto(bytes, decoded);
  const described = decoded.reason !== undefined;
  const reason = decoded.reason ?? statusName(error.code);
  const fault = !described && error.code === Status.UNAVAILABLE ? connectionFaultOf(error.details) : undefined;
  if (fault !== undefined) decoded.details.connection = fault.kind;
  return new BerthError(reason, error.code, fault?.text ?? error.details, decoded.details, described, { cause: error });
}

function decodeInto(bytes: Uint8Array, into: Decoded): void {
  try {
    for (const any of StatusProto.decode(bytes).details) {
      decoders[any.typeUrl.slice(any.typeUrl.lastIndexOf('/') + 1)]?.(any.value, into);
    }
  } catch {
    // Not a google.rpc.Status. What was read so far is kept.
  }
}
