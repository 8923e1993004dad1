import type { FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.js';
import { isRefusal } from '../audit/method-audit.js';
import type { Caller } from '../identity/caller.js';
import { RefusedCaller } from '../identity/refused-caller.js';

/** Writes down that a request over HTTP was refused for who made it; nothing for other errors. */
export function auditRefusal(audit: Audit, error: unknown, request: FastifyRequest): void {
  if (!isRefusal(error)) return;
  // A request that was refused early has none.
  const known = request.caller as Caller | null;
  const { why, caller = known ?? undefined } = error instanceof RefusedCaller ? error.facts : {};
  const { remoteAddress = '', remotePort = 0 } = request.raw.socket;
  // Without the query, in which people may put what nobody else should read.
  const [path = ''] = request.url.split('?', 1);
  try {
    audit.write({
      decision: 'refused',
      method: `${request.method} ${path}`,
      caller,
      reason: error.reason,
      why,
      requestId: request.id,
      peer: `${remoteAddress}:${String(remotePort)}`,
    });
  } catch {
    // The request is refused in any case; the audit has logged the entry with why it could not be written.
  }
}
