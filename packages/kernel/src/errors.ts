import type { ErrorKind } from './error-kind.js';
import type { Reason } from './reasons.js';
import { REASONS } from './reasons.js';

/** A fault in one field of a request. `field` is a path such as `requirements[0].attributes`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** A condition of the system that does not hold. `subject` names the thing, `type` the kind of condition. */
export interface PreconditionViolation {
  readonly type: string;
  readonly subject: string;
  readonly description: string;
}

/** A thing that an error is about, and who holds it. */
export interface ErrorResource {
  readonly type: string;
  readonly name: string;
  readonly owner?: string;
  readonly description?: string;
}

/** The machine-readable part of an error; becomes the `google.rpc` details of the same names. */
export interface ErrorDetails {
  readonly fields?: readonly FieldViolation[];
  readonly preconditions?: readonly PreconditionViolation[];
  readonly resource?: ErrorResource;
  /** Where it is about several. */
  readonly resources?: readonly ErrorResource[];
  readonly quota?: readonly { readonly subject: string; readonly description: string }[];
  /** When a retry makes sense, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Further facts (strings), for example the current state; becomes `ErrorInfo.metadata`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The one error that domain and app throw: a machine-readable reason, and a message that says what happened, to which
 * thing, who holds it or why, and what to do next. The kind follows from the reason.
 */
export class BerthError extends Error {
  readonly kind: ErrorKind;

  constructor(
    readonly reason: Reason,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'BerthError';
    this.kind = REASONS[reason].kind;
  }
}

/** An INVALID_ARGUMENT error for one field. */
export function invalidField(field: string, description: string, reason: Reason = 'INVALID_FIELD'): BerthError {
  return new BerthError(reason, `${field}: ${description}`, { fields: [{ field, description }] });
}
