/** What went wrong, in general; `packages/server` maps each kind to one gRPC status. */
export type ErrorKind =
  | 'invalid'
  | 'not_found'
  | 'exists'
  | 'precondition'
  | 'exhausted'
  | 'aborted'
  | 'out_of_range'
  | 'permission'
  | 'unauthenticated'
  | 'unavailable'
  | 'deadline'
  | 'cancelled'
  | 'unimplemented'
  | 'internal';
