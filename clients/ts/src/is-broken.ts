import { Status } from 'nice-grpc-common';
import { BerthError, statusName } from './berth-error.js';

/** What repeating does not mend, whoever says it. */
const FINAL: readonly Status[] = [
  Status.INVALID_ARGUMENT,
  Status.UNIMPLEMENTED,
  Status.UNAUTHENTICATED,
  Status.PERMISSION_DENIED,
];

/**
 * True when the connection failed and not the request: the one rule for watches, waits, held leases and calls that may be
 * repeated. Each answer of a Berth server carries details; what carries none came from the transport or from a proxy,
 * with whatever status these chose. UNAVAILABLE is passing also when the server says it (it restarts, its store is away).
 */
export function isBroken(error: unknown): error is BerthError {
  if (!(error instanceof BerthError)) return false;
  if (error.code === Status.UNAVAILABLE) return true;
  // This client's own errors (CLIENT_CLOSED, LEASE_LOST) have a reason that is not the name of a status.
  return !error.described && error.reason === statusName(error.code) && !FINAL.includes(error.code);
}
