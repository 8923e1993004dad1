import type { CallContext } from '@berth/server';
import { isOperator } from '@berth/server';
import type { TrackerContext } from '../app/tracker-context.js';
import type { By } from '../domain/index.js';

/** What the handlers need. */
export interface HandlerDeps {
  /** What the use cases work with, once the service has started. */
  readonly context: () => TrackerContext;
}

/** Who gives a command. */
export function byOf(call: CallContext): By {
  return { actor: { name: call.caller.name, kind: 'caller' }, operator: isOperator(call) };
}
