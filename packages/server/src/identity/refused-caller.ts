import { BerthError } from '@berth/kernel';

/**
 * The refusal of a caller that could not be made out. Its message is the same for every wrong credential, so that nobody
 * learns from it how near a guess was; `why` is for the audit only.
 */
export class RefusedCaller extends BerthError {
  constructor(
    reason: 'NOT_AUTHENTICATED' | 'BAD_CREDENTIALS',
    message: string,
    readonly why: string,
  ) {
    super(reason, message);
    this.name = 'RefusedCaller';
  }
}

/** The refusal of a caller that shows nothing of itself. */
export function notAuthenticated(): RefusedCaller {
  return new RefusedCaller(
    'NOT_AUTHENTICATED',
    'this server must know its callers; show a token (BERTH_TOKEN, --token-file) or a client certificate',
    'nothing was shown',
  );
}

/** The refusal of a caller whose credentials are wrong, unknown, expired or not for this server. */
export function badCredentials(why: string): RefusedCaller {
  return new RefusedCaller(
    'BAD_CREDENTIALS',
    'the token or certificate is not accepted: it is unknown, expired or not for this server; ask an admin for another',
    why,
  );
}
