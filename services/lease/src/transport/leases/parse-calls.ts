import type {
  ExtendRequest,
  RevokeRequest,
  SetPriorityRequest,
  TransferRequest,
} from '@berth/proto/berth/lease/v1/lease_service';
import { Faults, lineFault, MAX_NAME, nameFault, parseDuration, proseFault, requestIdFault } from '@berth/server';
import type { Transfer } from '../../domain/index.js';
import { checkPriority, MAX_DURATION_LIMITS, parseHold } from './parse-acquire.js';

const LAB = /^[a-z0-9-]{1,63}$/;

/** The lab's name; empty means `default`. Throws INVALID_FIELD. */
export function parseLab(lab: string): string {
  if (lab === '') return 'default';
  const faults = new Faults();
  if (!LAB.test(lab))
    faults.add('lab', `is '${lab.slice(0, 80)}'; allowed are 1 to 63 of a-z, 0-9 and '-', or nothing for 'default'`);
  faults.throwIfAny();
  return lab;
}

type TextField = readonly [field: string, text: string];

/** Throws INVALID_FIELD for required ids that are missing, and for a request id that cannot be one. */
export function checkIds(required: readonly TextField[], requestId = ''): void {
  const faults = new Faults();
  requireTexts(faults, required);
  faults.check('request_id', requestIdFault(requestId));
  faults.throwIfAny();
}

function requireTexts(faults: Faults, required: readonly TextField[]): void {
  for (const [field, text] of required) if (text === '') faults.add(field, 'is required');
}

/** Throws INVALID_FIELD unless a reason is given. */
export function checkRevoke({ leaseId, reason, requestId }: RevokeRequest): void {
  const faults = new Faults();
  requireTexts(faults, [['lease_id', leaseId]]);
  if (reason.trim() === '') faults.add('reason', 'is required; the holder is told it');
  faults.check('reason', proseFault(reason));
  faults.check('request_id', requestIdFault(requestId));
  faults.throwIfAny();
}

/** To whom a lease goes, and how it is kept then. Throws INVALID_FIELD. */
export function parseTransfer(request: TransferRequest): Transfer {
  const faults = new Faults();
  const { leaseId, newOwner, reason, requestId } = request;
  requireTexts(faults, [
    ['lease_id', leaseId],
    ['new_owner', newOwner],
  ]);
  faults.check('new_owner', lineFault(newOwner, MAX_NAME));
  faults.check('reason', proseFault(reason));
  faults.check('request_id', requestIdFault(requestId));
  const { hold, ttlMs } = parseHold(request, 'MANUAL', faults);
  if (hold === 'CONNECTION')
    faults.add('hold', 'is CONNECTION, but the new owner has no stream to keep it by; take TTL or MANUAL');
  faults.throwIfAny();
  return { leaseId, newOwner, hold, ...(ttlMs !== undefined && { ttlMs }), message: reason };
}

/** By how much to extend, in ms from now. Throws INVALID_FIELD. */
export function parseExtend({ leaseId, duration, requestId }: ExtendRequest): number {
  const faults = new Faults();
  requireTexts(faults, [['lease_id', leaseId]]);
  faults.check('request_id', requestIdFault(requestId));
  if (duration === undefined) faults.add('duration', 'is missing; say how long from now the lease may last');
  const ms = parseDuration(duration, 'duration', { minMs: 1, maxMs: MAX_DURATION_LIMITS.maxMs }, faults);
  faults.throwIfAny();
  return ms ?? 0;
}

/** The new priority. Throws INVALID_FIELD. */
export function parsePriority({ targetRequestId, priority, requestId }: SetPriorityRequest): number {
  const faults = new Faults();
  requireTexts(faults, [['target_request_id', targetRequestId]]);
  faults.check('request_id', requestIdFault(requestId));
  if (priority === undefined) faults.add('priority', 'is missing; 0 to 100, higher goes first');
  checkPriority(priority, faults);
  faults.throwIfAny();
  return priority ?? 0;
}

/** Throws INVALID_FIELD for text that cannot be the name of a bench or pool. */
export function checkName(field: string, name: string, requestId = ''): void {
  const faults = new Faults();
  faults.check(field, nameFault(name));
  faults.check('request_id', requestIdFault(requestId));
  faults.throwIfAny();
}

/** Throws INVALID_FIELD for what cannot be told to people. */
export function checkCancel(targetRequestId: string, reason: string, requestId: string): void {
  const faults = new Faults();
  requireTexts(faults, [['target_request_id', targetRequestId]]);
  faults.check('reason', proseFault(reason));
  faults.check('request_id', requestIdFault(requestId));
  faults.throwIfAny();
}
