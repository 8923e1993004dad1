import type { Caller } from '../identity/caller.js';

/** What is told of a call that changes what belongs to all, or that was refused. */
export interface AuditEntry {
  /**
   * `allowed`: the caller may make the call, and it begins; `failed`: a call that was allowed ended with an error; `refused`:
   * the caller may not make it.
   */
  readonly decision: 'allowed' | 'failed' | 'refused';
  /** The full path of the method, or the method and path of a request over HTTP. */
  readonly method: string;
  /** Undefined where the caller could not be made out. */
  readonly caller?: Caller | undefined;
  /** What the call is about: names and ids of its request. */
  readonly target?: string | undefined;
  readonly reason?: string | undefined;
  /** What is not told to the caller: why it could not be made out. */
  readonly why?: string | undefined;
  readonly requestId: string;
  /** The address that the call came from. */
  readonly peer?: string | undefined;
}

/** Where callers' deeds are written down. */
export interface Audit {
  /** Writes an entry; it outlives a kill of the process when this returns. Throws STORE_UNAVAILABLE when it cannot be written. */
  write(entry: AuditEntry): void;
}
