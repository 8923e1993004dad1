import type { ErrorKind } from './errors.js';

/**
 * Every machine-readable reason, with its kind. docs/reference/errors.md explains each one; a test holds both lists equal.
 * A reason is never renamed: clients tell errors apart by it.
 */
export const REASONS = {
  INVALID_FIELD: { kind: 'invalid' },
  INVALID_QUERY: { kind: 'invalid' },
  INVALID_INVENTORY: { kind: 'invalid' },
  INVALID_CONFIG: { kind: 'invalid' },
  INVALID_PAGE_TOKEN: { kind: 'invalid' },
  REQUEST_ID_REUSED: { kind: 'invalid' },
  MESSAGE_TOO_LARGE: { kind: 'exhausted' },
  NO_SUCH_SERVICE: { kind: 'not_found' },
  NO_SUCH_BENCH: { kind: 'not_found' },
  NO_SUCH_LEASE: { kind: 'not_found' },
  NO_SUCH_REQUEST: { kind: 'not_found' },
  NO_SUCH_ALLOCATION: { kind: 'not_found' },
  NO_SUCH_GROUP: { kind: 'not_found' },
  NO_SUCH_LEAK: { kind: 'not_found' },
  NO_SUCH_PLAN: { kind: 'not_found' },
  BENCH_EXISTS: { kind: 'exists' },
  BENCH_UNAVAILABLE: { kind: 'precondition' },
  BENCH_WANTED: { kind: 'precondition' },
  BOOKING_UNSUPPORTED: { kind: 'precondition' },
  STALE_TOKEN: { kind: 'precondition' },
  NOT_A_TTL_LEASE: { kind: 'precondition' },
  REQUEST_ENDED: { kind: 'precondition' },
  REQUEST_UNSATISFIABLE: { kind: 'precondition' },
  ILLEGAL_TRANSITION: { kind: 'precondition' },
  GROUP_CLOSED: { kind: 'precondition' },
  NOT_ONE_MATCH: { kind: 'precondition' },
  REPORT_IMPLAUSIBLE: { kind: 'precondition' },
  BENCH_BUSY: { kind: 'exhausted' },
  SLOW_READER: { kind: 'exhausted' },
  TOO_MANY_STREAMS: { kind: 'exhausted' },
  WAIT_TIMEOUT: { kind: 'deadline' },
  REQUEST_CANCELLED: { kind: 'cancelled' },
  REQUEST_TAKEN_OVER: { kind: 'aborted' },
  STALE_ETAG: { kind: 'aborted' },
  COLLECTION_RUNS: { kind: 'aborted' },
  TOO_MANY_CONFLICTS: { kind: 'aborted' },
  REVISION_TRIMMED: { kind: 'out_of_range' },
  PERMISSION_DENIED: { kind: 'permission' },
  PRIORITY_NOT_ALLOWED: { kind: 'permission' },
  STORE_UNAVAILABLE: { kind: 'unavailable' },
  SHUTTING_DOWN: { kind: 'unavailable' },
  DATA_DIR_LOCKED: { kind: 'precondition' },
  ADDRESS_IN_USE: { kind: 'precondition' },
  INTERNAL: { kind: 'internal' },
} as const satisfies Record<string, { readonly kind: ErrorKind }>;

/** A machine-readable reason, for example `BENCH_BUSY`. */
export type Reason = keyof typeof REASONS;
