import type { ErrorDetails, Reason } from '@berth/kernel';
import { BerthError, REASONS } from '@berth/kernel';

/** An error that a client of another service threw. */
interface ClientError extends Error {
  readonly reason: string;
  readonly details: ErrorDetails;
  /** Whether the service described the error itself. */
  readonly described: boolean;
}

/**
 * The error of this service for one of another service: what that refused with, or STORE_UNAVAILABLE when it is away or ill.
 * For errors that a client threw.
 */
export function kernelError(error: ClientError, service = 'the lease service'): BerthError {
  const { reason, message, details, described } = error;
  if (described && isReason(reason)) return new BerthError(reason, message, details, { cause: error });
  return new BerthError(
    'STORE_UNAVAILABLE',
    `${service} does not answer (${message}); try again with the same request_id.`,
    { retryAfterMs: 1000 },
    { cause: error },
  );
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
}
