import type { Caller } from './caller.js';
import type { Shown } from './shown.js';
import { toldBenches, toldName, toldRole, toldTeam } from './told-caller.js';

/** Makes out callers. */
export interface Identity {
  /** Whether every caller is believed to be the one that it says. */
  readonly open: boolean;
  /**
   * The caller; at once where that is possible, a promise where something must be verified that was not seen before. Throws,
   * or rejects with, NOT_AUTHENTICATED, BAD_CREDENTIALS, IDENTITY_UNAVAILABLE, PERMISSION_DENIED (speaks for another caller
   * and is not a service) and INVALID_FIELD.
   */
  callerOf(shown: Shown): Caller | Promise<Caller>;
}

/** The identity of a process: it may have files and keys of others to read. */
export interface ProcessIdentity extends Identity {
  /** What parts of this process show as a bearer token, to say for whom they call; undefined in open mode, where all may. */
  readonly secret: string | undefined;
  /** Reads what it needs. Throws INVALID_CONFIG. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * An identity that believes every caller: metadata `berth-user` (default "anonymous"), `berth-role` (default "operator"),
 * `berth-team` and `berth-benches`. For a server on loopback, or one that was started with --insecure.
 */
export function openIdentity(): ProcessIdentity {
  return {
    open: true,
    callerOf: believedCaller,
    secret: undefined,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}

function believedCaller(shown: Shown): Caller {
  const name = toldName(shown) ?? 'anonymous';
  const role = toldRole(shown) ?? 'operator';
  const team = toldTeam(shown);
  const benches = toldBenches(shown);
  if (benches !== undefined) return { name, role: 'viewer', via: 'open', benches, ...(team !== undefined && { team }) };
  return team === undefined ? { name, role, via: 'open' } : { name, role, via: 'open', team };
}
