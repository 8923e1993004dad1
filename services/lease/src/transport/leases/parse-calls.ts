import type {
  CancelRequestRequest,
  ExtendRequest,
  RevokeRequest,
  SetPriorityRequest,
  TransferRequest,
} from '@berth/proto/berth/lease/v1/lease_service';
import { labFault, lineFault, MAX_NAME, nameFault, parseDuration, parseRequest, proseFault } from '@berth/server';
import { invalidField } from '@berth/kernel';
import type { Transfer } from '../../domain/index.js';
import { checkPriority, MAX_DURATION_LIMITS, parseHold } from './parse-acquire.js';

/** The lab's name; empty means `default`. Throws INVALID_FIELD. */
export function parseLab(lab: string): string {
  if (lab === '') return 'default';
  const fault = labFault(lab);
  if (fault !== undefined) throw invalidField('lab', fault);
  return lab;
}

/** Throws INVALID_FIELD for a lease id that is missing, and for a request id that cannot be one. */
export function checkLeaseId(request: { readonly leaseId: string }): void {
  parseRequest(request, (faults) => {
    faults.require('lease_id', request.leaseId);
  });
}

/** Throws INVALID_FIELD unless a reason is given. */
export function checkRevoke(request: RevokeRequest): void {
  parseRequest(request, (faults) => {
    faults.require('lease_id', request.leaseId);
    if (request.reason.trim() === '') faults.add('reason', 'is required; the holder is told it');
    faults.check('reason', proseFault(request.reason));
  });
}

/** To whom a lease goes, and how it is kept then. Throws INVALID_FIELD. */
export function parseTransfer(request: TransferRequest): Transfer {
  const { leaseId, newOwner, reason } = request;
  return parseRequest(request, (faults) => {
    faults.require('lease_id', leaseId);
    faults.require('new_owner', newOwner, (text) => lineFault(text, MAX_NAME));
    faults.check('reason', proseFault(reason));
    const { hold, ttlMs } = parseHold(request, 'MANUAL', faults);
    if (hold === 'CONNECTION')
      faults.add('hold', 'is CONNECTION, but the new owner has no stream to keep it by; take TTL or MANUAL');
    return { leaseId, newOwner, hold, ...(ttlMs !== undefined && { ttlMs }), message: reason };
  });
}

/** By how much to extend, in ms from now. Throws INVALID_FIELD. */
export function parseExtend(request: ExtendRequest): number {
  const { leaseId, duration } = request;
  return parseRequest(request, (faults) => {
    faults.require('lease_id', leaseId);
    if (duration === undefined) faults.add('duration', 'is missing; say how long from now the lease may last');
    return parseDuration(duration, 'duration', { minMs: 1, maxMs: MAX_DURATION_LIMITS.maxMs }, faults) ?? 0;
  });
}

/** The new priority. Throws INVALID_FIELD. */
export function parsePriority(request: SetPriorityRequest): number {
  const { targetRequestId, priority } = request;
  return parseRequest(request, (faults) => {
    faults.require('target_request_id', targetRequestId);
    if (priority === undefined) faults.add('priority', 'is missing; 0 to 100, higher goes first');
    checkPriority(priority, faults);
    return priority ?? 0;
  });
}

/** Throws INVALID_FIELD for text that cannot be the name of a bench or pool. */
export function checkName(field: string, name: string, request: object = {}): void {
  parseRequest(request, (faults) => {
    faults.check(field, nameFault(name));
  });
}

/** Throws INVALID_FIELD for what cannot be told to people. */
export function checkCancel(request: CancelRequestRequest): void {
  parseRequest(request, (faults) => {
    faults.require('target_request_id', request.targetRequestId);
    faults.check('reason', proseFault(request.reason));
  });
}
