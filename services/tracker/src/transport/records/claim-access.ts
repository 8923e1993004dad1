import { BerthError } from '@berth/kernel';
import type { CallContext } from '@berth/server';
import { isOperator } from '@berth/server';

/** For whom the caller claims. Users claim for themselves, operators for anybody. Throws PERMISSION_DENIED. */
export function claimant(call: CallContext, owner: string): string {
  if (!isOperator(call) && owner !== call.caller.name) throw notYours(call, 'claim', owner);
  return owner;
}

/** Whose claims may be released; empty = anybody's. Throws PERMISSION_DENIED. */
export function releaser(call: CallContext, owner: string): string {
  if (isOperator(call)) return owner;
  if (owner !== '' && owner !== call.caller.name) throw notYours(call, 'release', owner);
  return call.caller.name;
}

function notYours({ caller }: CallContext, deed: string, owner: string): BerthError {
  return new BerthError(
    'PERMISSION_DENIED',
    `${caller.name} has role '${caller.role}' and may not ${deed} for ${owner}; that takes role 'operator'. Ask somebody who has it.`,
    { metadata: { role: caller.role, required: 'operator' } },
  );
}
