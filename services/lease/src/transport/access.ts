import type { CallContext } from '@berth/server';
import { isOperator } from '@berth/server';
import type { By } from '../domain/index.js';

/** Who gives a command. */
export function byOf(call: CallContext): By {
  return { actor: { name: call.caller.name, kind: 'caller' }, operator: isOperator(call) };
}

/** Whether the caller sees the properties of what `owner` holds. */
export function sees(call: CallContext, owner: string | undefined): boolean {
  return isOperator(call) || owner === call.caller.name;
}
