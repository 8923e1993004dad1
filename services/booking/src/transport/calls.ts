import type { Clock } from '@berth/kernel';
import type { CallContext, MessageType } from '@berth/server';
import { byOf, lineFault, MAX_NAME, parseRequest, requestKey, requireRole } from '@berth/server';
import type { BookingUses, CapacityUses } from '../app/booking-app.js';
import type { Call } from '../app/inputs.js';

/** What the handlers need, once the service has started. */
export interface HandlerContext {
  readonly uses: BookingUses & CapacityUses;
  readonly clock: Clock;
  /** How long a hold lasts that does not say it. */
  readonly holdMs: number;
}

/** A call that changes something, as use cases see it. */
export function callOf<R extends { readonly requestId: string; readonly validateOnly?: boolean }>(
  method: string,
  type: MessageType<R>,
  request: R,
  call: CallContext,
): Call {
  const { validateOnly = false } = request;
  return { key: requestKey(method, type, request, call.caller), by: byOf(call), role: call.caller.role, validateOnly };
}

/** A call that only asks. */
export function questionOf(call: CallContext): Call {
  return { key: { id: '', fingerprint: '' }, by: byOf(call), role: call.caller.role };
}

/** Throws PERMISSION_DENIED when somebody forces who may not. */
export function requireForce(force: boolean, call: CallContext): void {
  if (force) requireRole(call, 'operator', 'take what others have (force)');
}

/** The fault of an id. Berth makes them, so any line may be asked for. */
export function idFault(id: string): string | undefined {
  return lineFault(id, MAX_NAME);
}

/** A request that names something by its id. Throws INVALID_FIELD. */
export function parseId<R extends { readonly id: string }>(request: R): R {
  return parseRequest(request, (faults) => {
    faults.require('id', request.id, idFault);
    return request;
  });
}

/** What a parser gives unless there were faults, which are thrown by then. */
export function whole<T>(parsed: T | undefined): T {
  if (parsed === undefined) throw new Error('a request with faults got through');
  return parsed;
}
