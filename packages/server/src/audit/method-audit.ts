import { BerthError } from '@berth/kernel';
import type { ServerCall, SurfaceCall } from '../calls/call-context.js';
import { includesRole } from '../identity/role.js';
import type { Audit } from './audit.js';
import { auditRefusal, isRefusal, tryToWrite } from './audit-refusal.js';
import { targetOf } from './target-of.js';

/** Writes down what is to be told of the calls of one method. */
export class MethodAudit {
  /** `method` is its full path; `isChange`: it changes something, so that calls of those who may change what is others' are told. */
  constructor(
    private readonly audit: Audit,
    private readonly method: string,
    private readonly isChange: boolean,
  ) {}

  /** A call begins. Throws STORE_UNAVAILABLE when that cannot be written: nothing is changed without a line. */
  allowed(call: ServerCall): void {
    if (!this.#isDeed(call)) return;
    const { caller, requestId, surface } = call;
    const target = targetIn(surface);
    this.audit.write({ decision: 'allowed', method: this.method, caller, target, requestId, peer: surface.getPeer() });
  }

  /** A call that began ended with an error. */
  failed(call: ServerCall, error: unknown): void {
    const reason = error instanceof BerthError ? error.reason : 'INTERNAL';
    const refused = isRefusal(error);
    if (!refused && !this.#isDeed(call)) return;
    const { caller, requestId, surface } = call;
    const decision = refused ? 'refused' : 'failed';
    const told = { method: this.method, caller, target: targetIn(surface), requestId, peer: surface.getPeer() };
    tryToWrite(this.audit, { decision, reason, ...told });
  }

  /** A call was refused before it began. */
  refused(surface: SurfaceCall, error: unknown): void {
    // The target is looked for in what is written down only.
    if (!isRefusal(error)) return;
    const told = { method: this.method, target: targetIn(surface), peer: surface.getPeer() };
    auditRefusal(this.audit, error, { requestId: '', ...told });
  }

  /** Whether it changes something, and by an operator, or with a token that is limited to benches. */
  #isDeed({ caller }: ServerCall): boolean {
    return this.isChange && (includesRole(caller.role, 'operator') || caller.benches !== undefined);
  }
}

function targetIn(surface: SurfaceCall): string | undefined {
  return 'request' in surface ? targetOf(surface.request) : undefined;
}
