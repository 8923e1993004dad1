import type { CallContext, MessageType } from '@berth/server';
import { requestKey } from '@berth/server';
import type { RecordContext } from '../../app/records/record-context.js';
import type { Deed, RecordAction } from '../../domain/records/index.js';

interface Mutation {
  readonly requestId: string;
  readonly validateOnly?: boolean;
}

/** What a call does to records. A rehearsal is not remembered: the real call may follow with the same request id. */
export function deedOf<R extends Mutation>(
  { clock }: RecordContext,
  action: RecordAction,
  type: MessageType<R>,
  request: R,
  call: CallContext,
): Deed {
  const method = call.method.slice(call.method.lastIndexOf('/') + 1);
  return {
    action,
    actor: { name: call.caller.name, kind: 'caller' },
    nowMs: clock.now(),
    ...(request.requestId !== '' &&
      request.validateOnly !== true && { request: requestKey(method, type, request, call.caller) }),
  };
}
