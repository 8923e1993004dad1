import type { ErrorDetails, Reason } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Caller } from './caller.js';

/** What of a refusal is for the audit only. */
export interface RefusalFacts {
  /** Why the caller could not be made out. */
  readonly why?: string;
  /** The caller, where it was made out. */
  readonly caller?: Caller;
}

/**
 * The refusal of a call by who makes it. The message is the same for every wrong credential, so that nobody learns from it
 * how near a guess was; `facts` are never told to the caller.
 */
export class RefusedCaller extends BerthError {
  constructor(
    reason: Extract<Reason, 'NOT_AUTHENTICATED' | 'BAD_CREDENTIALS' | 'PERMISSION_DENIED'>,
    message: string,
    readonly facts: RefusalFacts,
    details: ErrorDetails = {},
  ) {
    super(reason, message, details);
    this.name = 'RefusedCaller';
  }
}

/** The refusal of a caller that shows nothing of itself. */
export function notAuthenticated(): RefusedCaller {
  return new RefusedCaller(
    'NOT_AUTHENTICATED',
    'this server must know its callers; show a token (BERTH_TOKEN, --token-file) or a client certificate',
    { why: 'nothing was shown' },
  );
}

/** The refusal of a caller whose credentials are wrong, unknown, expired or not for this server. */
export function badCredentials(why: string): RefusedCaller {
  return new RefusedCaller(
    'BAD_CREDENTIALS',
    'the token or certificate is not accepted: it is unknown, expired or not for this server; ask an admin for another',
    { why },
  );
}
