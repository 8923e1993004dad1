import type { Caller } from './caller.js';
import { RefusedCaller } from './refused-caller.js';
import { includesRole } from './role.js';
import type { Shown } from './shown.js';
import { toldBenches, toldName, toldRole, toldTeam } from './told-caller.js';

/** What a token, a certificate or the secret of the process stands for. */
export interface Credential {
  /** The caller that it belongs to. */
  readonly caller: Caller;
  /** Whether it may say for whom it calls. */
  readonly isService: boolean;
  /** From when on it is not accepted, in milliseconds since the epoch; absent = never. */
  readonly expiresMs?: number;
}

/**
 * The caller of a call that shows this credential: the one that it belongs to, or the one for whom its service calls, with
 * the role that the service tells, `user` without one. Throws PERMISSION_DENIED for a call for somebody else by what is not a
 * service, and for a higher role than its own; INVALID_FIELD.
 */
export function callerBy({ caller, isService }: Credential, shown: Shown): Caller {
  const name = toldName(shown);
  const role = toldRole(shown);
  const team = toldTeam(shown);
  const benches = toldBenches(shown);
  if (isService && name !== undefined) {
    return {
      name,
      role: benches === undefined ? (role ?? 'user') : 'viewer',
      via: caller.via,
      ...(caller.via !== 'process' && { by: caller.name }),
      ...(team !== undefined && { team }),
      ...(benches !== undefined && { benches }),
    };
  }
  if (name !== undefined && name !== caller.name) throw notFor(caller, 'berth-user', `call for ${name}`);
  if (team !== undefined && team !== caller.team) throw notFor(caller, 'berth-team', `call for team ${team}`);
  if (benches !== undefined) throw notFor(caller, 'berth-benches', 'say to which benches a caller is limited');
  if (role === undefined || role === caller.role) return caller;
  if (includesRole(caller.role, role)) return { ...caller, role };
  throw new RefusedCaller(
    'PERMISSION_DENIED',
    `${caller.name} has role '${caller.role}' and asks for '${role}' in berth-role, which may lower a role and never raises it; leave it out`,
    { caller },
    { metadata: { role: caller.role, required: role } },
  );
}

function notFor(caller: Caller, key: string, deed: string): RefusedCaller {
  return new RefusedCaller(
    'PERMISSION_DENIED',
    `${caller.name} may not ${deed}: only services (auth.services) say for whom they call; leave ${key} out`,
    { caller, why: deed },
    { metadata: { role: caller.role, key } },
  );
}
