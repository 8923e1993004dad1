import type {
  ConfirmAllocationRequest,
  ConfirmReleaseRequest,
  ExtendRequest,
  FailAllocationRequest,
  ReleaseByAttributesRequest,
  SetProtectionRequest,
} from '@berth/proto/berth/tracker/v1/allocation_service';
import * as messages from '@berth/proto/berth/tracker/v1/allocation_service';
import type { Caller, MessageType } from '@berth/server';
import {
  DAY_MS,
  Faults,
  fingerprint,
  parseAttributes,
  parseDuration,
  proseFault,
  requestIdFault,
  SECOND_MS,
} from '@berth/server';
import type { AllocationCommand, Attributes } from '../app/command-allocations.js';
import type { RequestKey } from '../domain/index.js';
import { confirm, extend, fail, protect, release, toPairs } from '../domain/index.js';
import { externalIdFault, kindFault, nameTextFault, parseTime, required } from './value-rules.js';

const EXTEND_LIMITS = { minMs: SECOND_MS, maxMs: 3650 * DAY_MS };

/** What a command is remembered by. */
export function keyOf<R extends { readonly requestId: string }>(
  method: string,
  type: MessageType<R>,
  request: R,
  caller: Caller,
): RequestKey {
  const { requestId: id } = request;
  return { id, fingerprint: id === '' ? '' : fingerprint(method, caller.name, type, request) };
}

export function parseConfirm(request: ConfirmAllocationRequest, caller: Caller, path = ''): AllocationCommand {
  const faults = commandFaults(request, path);
  const { externalId } = request;
  faults.check(`${path}external_id`, externalIdFault(externalId));
  const expectedEndMs = parseTime(request.expectedEnd, `${path}expected_end`, faults);
  const allocatedMs = parseTime(request.allocateTime, `${path}allocate_time`, faults);
  const attributes = toPairs(parseAttributes(request.attributes, `${path}attributes`, faults));
  faults.throwIfAny();
  const transition = confirm({
    ...(externalId !== '' && { externalId }),
    ...(expectedEndMs !== undefined && { expectedEndMs }),
    ...(allocatedMs !== undefined && { allocatedMs }),
    attributes,
  });
  const key = keyOf('ConfirmAllocation', messages.ConfirmAllocationRequest, request, caller);
  return { id: request.id, key, transition, deed: 'confirm an allocation' };
}

export function parseFail(request: FailAllocationRequest, caller: Caller, path = ''): AllocationCommand {
  const faults = commandFaults(request, path);
  if (required(request.reason, `${path}reason`, faults)) faults.check(`${path}reason`, proseFault(request.reason));
  faults.throwIfAny();
  const key = keyOf('FailAllocation', messages.FailAllocationRequest, request, caller);
  return { id: request.id, key, transition: fail(request.reason), deed: 'fail an allocation' };
}

export function parseRelease(request: ConfirmReleaseRequest, caller: Caller, path = ''): AllocationCommand {
  const faults = commandFaults(request, path);
  faults.check(`${path}reason`, proseFault(request.reason));
  const endedMs = parseTime(request.endTime, `${path}end_time`, faults);
  faults.throwIfAny();
  const key = keyOf('ConfirmRelease', messages.ConfirmReleaseRequest, request, caller);
  return { id: request.id, key, transition: release(request.reason, endedMs), deed: 'release an allocation' };
}

export function parseExtend(request: ExtendRequest, caller: Caller): AllocationCommand {
  const faults = commandFaults(request, '');
  if (request.duration === undefined) faults.add('duration', 'is missing');
  const durationMs = parseDuration(request.duration, 'duration', EXTEND_LIMITS, faults) ?? 0;
  faults.throwIfAny();
  const key = keyOf('Extend', messages.ExtendRequest, request, caller);
  return { id: request.id, key, transition: extend(durationMs), deed: 'extend an allocation', ...etagOf(request) };
}

export function parseProtection(request: SetProtectionRequest, caller: Caller): AllocationCommand {
  const faults = commandFaults(request, '');
  faults.check('reason', proseFault(request.reason));
  faults.throwIfAny();
  const key = keyOf('SetProtection', messages.SetProtectionRequest, request, caller);
  const transition = protect(request.protected, request.reason);
  return { id: request.id, key, transition, deed: 'protect an allocation', ...etagOf(request) };
}

export function parseAttributesOf({ owner, kind, externalId, requestId }: ReleaseByAttributesRequest): Attributes {
  const faults = new Faults();
  faults.check('request_id', requestIdFault(requestId));
  if (required(owner, 'owner', faults)) faults.check('owner', nameTextFault(owner));
  faults.check('kind', kindFault(kind));
  if (required(externalId, 'external_id', faults)) faults.check('external_id', externalIdFault(externalId));
  faults.throwIfAny();
  return { owner, kind, externalId };
}

function commandFaults({ id, requestId }: { readonly id: string; readonly requestId: string }, path: string): Faults {
  const faults = new Faults();
  if (required(id, `${path}id`, faults)) faults.check(`${path}id`, externalIdFault(id));
  faults.check(`${path}request_id`, requestIdFault(requestId));
  return faults;
}

function etagOf({ etag }: { readonly etag: string }): { readonly etag?: string } {
  return etag === '' ? {} : { etag };
}
