import type { CallContext } from '@berth/server';
import { isOperator } from '@berth/server';

/** Whether the caller sees the properties of what `owner` holds. */
export function sees(call: CallContext, owner: string | undefined): boolean {
  return isOperator(call) || owner === call.caller.name;
}
