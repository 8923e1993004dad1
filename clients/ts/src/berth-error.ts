import { Status } from 'nice-grpc-common';
import type { ConnectionFaultKind } from './connection-fault.js';

/** A fault in one field of the request. `field` is a path such as `requirements[0].attributes`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** A condition of the system that does not hold. */
export interface PreconditionViolation {
  readonly type: string;
  readonly subject: string;
  readonly description: string;
}

/** A thing that an error is about, and who holds it. */
export interface ErrorResource {
  readonly type: string;
  readonly name: string;
  readonly owner: string;
  readonly description: string;
}

/** The machine-readable part of an error, from the `google.rpc` details in `grpc-status-details-bin`. */
export interface BerthErrorDetails {
  readonly fields?: readonly FieldViolation[];
  readonly preconditions?: readonly PreconditionViolation[];
  /** The first of `resources`. */
  readonly resource?: ErrorResource;
  /** The things that it is about: for BENCH_BUSY the benches with their holders. */
  readonly resources?: readonly ErrorResource[];
  readonly quota?: readonly { readonly subject: string; readonly description: string }[];
  /** When the server thinks that a retry makes sense, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Why there is no connection to the server; the message says it for people. */
  readonly connection?: ConnectionFaultKind;
  /** Further facts as strings, for example the current state. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Why a call failed. `reason` is the machine-readable reason of the server (docs/reference/errors.md), for example
 * `BENCH_BUSY`; for an error that no Berth server described (the connection broke, a proxy answered) it is the name of
 * the gRPC status, for example `UNAVAILABLE`. Tell errors apart by `reason` and `code`, never by the message.
 */
export class BerthError extends Error {
  constructor(
    readonly reason: string,
    readonly code: Status,
    message: string,
    readonly details: BerthErrorDetails = {},
    /** True when a Berth server described the error itself, false when it came from the transport or this client. */
    readonly described = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'BerthError';
  }
}

/** The name of a gRPC status code, for example `NOT_FOUND`. */
export function statusName(code: Status): string {
  return code in Status ? Status[code] : `STATUS_${String(code)}`;
}
