import type { Audit } from '@berth/server';
import { isRefusal, RefusedCaller } from '@berth/server';

/** Writes down that a call was refused for who made it; nothing for other errors. */
export function auditRefusal(
  audit: Audit,
  error: unknown,
  call: { readonly method: string; readonly peer: string },
): void {
  if (!isRefusal(error)) return;
  const { why, caller } = error instanceof RefusedCaller ? error.facts : {};
  try {
    audit.write({ decision: 'refused', reason: error.reason, why, caller, requestId: '', ...call });
  } catch {
    // The call is refused in any case; the audit has logged the entry with why it could not be written.
  }
}
