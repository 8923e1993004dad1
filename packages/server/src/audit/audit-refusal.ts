import { BerthError } from '@berth/kernel';
import type { Caller } from '../identity/caller.js';
import { RefusedCaller } from '../identity/refused-caller.js';
import type { Audit } from './audit.js';

/** A call that an error ended before it began. */
export interface RefusedCall {
  readonly method: string;
  readonly peer: string;
  readonly requestId: string;
  readonly target?: string | undefined;
  /** Whose it is, where the error does not say it. */
  readonly caller?: Caller | undefined;
}

/** Writes down that a call was refused for who made it; nothing for other errors. */
export function auditRefusal(audit: Audit, error: unknown, call: RefusedCall): void {
  if (!isRefusal(error)) return;
  const { why, caller = call.caller } = error instanceof RefusedCaller ? error.facts : {};
  tryToWrite(audit, { ...call, decision: 'refused', reason: error.reason, why, caller });
}

/** Whether an error says that the caller may not do what it asks for. */
export function isRefusal(error: unknown): error is BerthError {
  return error instanceof BerthError && (error.kind === 'permission' || error.kind === 'unauthenticated');
}

/** Writes an entry about a call that is refused, or over, in any case. */
export function tryToWrite(audit: Audit, entry: Parameters<Audit['write']>[0]): void {
  try {
    audit.write(entry);
  } catch {
    // The audit has logged the entry with why it could not be written.
  }
}
