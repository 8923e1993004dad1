import { randomId } from '@berth/kernel';
import type { AcquireRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import type { Caller, DurationLimits, Faults } from '@berth/server';
import {
  DAY_MS,
  HOUR_MS,
  isOperatorRole,
  lineFault,
  MAX_NAME,
  nameFault,
  parseDuration,
  parseLabels,
  parseRequest,
  proseFault,
  SECOND_MS,
} from '@berth/server';
import type { HoldMode as Hold, RequestSpec } from '../../domain/index.js';
import { acquireFingerprint } from './acquire-fingerprint.js';
import type { PriorityCaps } from './cap-priority.js';
import { capPriority } from './cap-priority.js';
import { parseRequirements } from '../inventory/parse-requirement.js';

export const TTL_LIMITS: DurationLimits = {
  minMs: SECOND_MS,
  maxMs: 30 * DAY_MS,
  instead: '; renew it in time, or hold MANUAL',
};
export const MAX_DURATION_LIMITS: DurationLimits = {
  minMs: 1,
  maxMs: 3650 * DAY_MS,
  instead: '; leave it out for no limit',
};
const WAIT_LIMITS: DurationLimits = { minMs: 0, maxMs: 3650 * DAY_MS, instead: '; leave it out to wait for ever' };
const GRACE_LIMITS: DurationLimits = { minMs: 0, maxMs: HOUR_MS };

/** What a caller asks for. Throws INVALID_FIELD (or INVALID_QUERY) with every fault found, and PRIORITY_NOT_ALLOWED. */
export function parseAcquire(message: AcquireRequest, caller: Caller, caps: PriorityCaps): RequestSpec {
  const { requestId, description, affinity, allowMaintenance, unattended, booking } = message;
  const spec = parseRequest(message, (faults) => {
    const requirements = parseRequirements(message.requirements, booking !== '', faults);
    faults.check('description', proseFault(description));
    faults.check('affinity', lineFault(affinity, MAX_NAME));
    if (booking !== '') faults.check('booking', nameFault(booking));
    checkPriority(message.priority, faults);
    const { hold, ttlMs } = parseHold(message, 'CONNECTION', faults);
    const waitMs = parseDuration(message.waitTimeout, 'wait_timeout', WAIT_LIMITS, faults);
    const graceMs = parseDuration(message.reconnectGrace, 'reconnect_grace', GRACE_LIMITS, faults) ?? 0;
    if (unattended) checkUnattended(requestId, hold, graceMs, faults);
    else if (message.tellOnce) faults.add('tell_once', 'is set, but the request is not unattended; leave it out');
    const maxDurationMs = parseDuration(message.maxDuration, 'max_duration', MAX_DURATION_LIMITS, faults);
    return {
      requirements,
      ...(waitMs !== undefined && { waitMs }),
      hold,
      ...(ttlMs !== undefined && { ttlMs }),
      graceMs,
      ...(maxDurationMs !== undefined && { maxDurationMs }),
      labels: parseLabels(message.labels, 'labels', faults),
    };
  });
  return {
    requestId: requestId === '' ? randomId('rq') : requestId,
    named: requestId !== '',
    fingerprint: acquireFingerprint(caller.name, message),
    owner: caller.name,
    role: caller.role,
    ...(caller.team !== undefined && { team: caller.team }),
    description,
    priority: capPriority(caller.role, message.priority, caps),
    affinity,
    allowMaintenance,
    ...(unattended && { unattended }),
    ...(booking !== '' && { booking, ...(isOperatorRole(caller.role) && { asOperator: true }) }),
    ...spec,
  };
}

function checkUnattended(requestId: string, hold: Hold, graceMs: number, faults: Faults): void {
  if (hold !== 'MANUAL') faults.add('unattended', `is set, but hold is ${hold}; set hold to MANUAL, or leave it out`);
  if (requestId === '') faults.add('request_id', 'is empty; an unattended request is found again by nothing else');
  if (graceMs > 0) faults.add('reconnect_grace', 'is set, but an unattended place needs no stream; leave it out');
}

/** How a lease is to be kept; `ttl` must be there for TTL, and not otherwise. */
export function parseHold(
  message: Pick<AcquireRequest, 'hold' | 'ttl'>,
  unspecified: Hold,
  faults: Faults,
): { readonly hold: Hold; readonly ttlMs: number | undefined } {
  const hold = holdOf(message.hold, unspecified, faults);
  const ttlMs = parseDuration(message.ttl, 'ttl', TTL_LIMITS, faults);
  if (hold === 'TTL' && message.ttl === undefined)
    faults.add('ttl', 'is missing; hold TTL needs one, from 1 s to 30 days');
  if (hold !== 'TTL' && message.ttl !== undefined) {
    faults.add('ttl', `is set, but hold is ${hold}; leave it out, or set hold to TTL`);
  }
  return { hold, ttlMs };
}

function holdOf(mode: HoldMode, unspecified: Hold, faults: Faults): Hold {
  switch (mode) {
    case HoldMode.UNSPECIFIED:
      return unspecified;
    case HoldMode.CONNECTION:
      return 'CONNECTION';
    case HoldMode.TTL:
      return 'TTL';
    case HoldMode.MANUAL:
      return 'MANUAL';
    default:
      faults.add('hold', `is ${mode}, which is no HoldMode; allowed are CONNECTION (1), TTL (2) and MANUAL (3)`);
      return unspecified;
  }
}

/** Adds a fault for a priority that is not a whole number from 0 to 100. */
export function checkPriority(priority: number | undefined, faults: Faults): void {
  if (priority === undefined || (Number.isInteger(priority) && priority >= 0 && priority <= 100)) return;
  faults.add('priority', `is ${priority}; allowed are 0 to 100, higher goes first`);
}
