import type { By } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { CallContext } from '../calls/call-context.js';
import type { Role } from '../identity/role.js';
import { includesRole } from '../identity/role.js';

/**
 * Throws PERMISSION_DENIED when the caller's role is below `least`, for what takes more than the method itself does; `what`
 * names the deed, as in "make a root cluster".
 */
export function requireRole({ caller }: CallContext, least: Role, what: string): void {
  if (includesRole(caller.role, least)) return;
  throw new BerthError(
    'PERMISSION_DENIED',
    `${caller.name} has role '${caller.role}' and may not ${what}; that takes role '${least}'. Ask somebody who has it.`,
    { metadata: { role: caller.role, required: least } },
  );
}

/** Throws PERMISSION_DENIED when the caller is limited to other benches than this one. */
export function requireBench({ caller }: CallContext, bench: string): void {
  const { name, benches } = caller;
  if (benches === undefined || benches.includes(bench)) return;
  throw new BerthError(
    'PERMISSION_DENIED',
    `${name} may not change '${bench}': its token is limited to ${benches.join(', ')}. Use the token of that bench, or ask an operator.`,
    { metadata: { bench } },
  );
}

/** Whether the caller acts for everybody. */
export function isOperator({ caller }: CallContext): boolean {
  return isOperatorRole(caller.role);
}

/** Whether those with a role act for everybody. */
export function isOperatorRole(role: Role): boolean {
  return includesRole(role, 'operator');
}

/** The caller as the one that gives a command. */
export function byOf(call: CallContext): By {
  return { actor: { name: call.caller.name, kind: 'caller' }, operator: isOperator(call) };
}
