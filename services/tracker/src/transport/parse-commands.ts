import type {
  ConfirmAllocationRequest,
  ConfirmReleaseRequest,
  ExtendRequest,
  FailAllocationRequest,
  FailReleaseRequest,
  ReleaseByAttributesRequest,
  SetProtectionRequest,
} from '@berth/proto/berth/tracker/v1/allocation_service';
import * as messages from '@berth/proto/berth/tracker/v1/allocation_service';
import type { Caller, Faults } from '@berth/server';
import {
  DAY_MS,
  parseAttributes,
  parseDuration,
  parseRequest,
  parseTime,
  proseFault,
  requestKey,
  SECOND_MS,
} from '@berth/server';
import type { AllocationCommand, Attributes } from '../app/command-allocations.js';
import type { Transition } from '../domain/index.js';
import { confirm, extend, fail, failRelease, protect, release, toPairs } from '../domain/index.js';
import { externalIdFault, kindFault, nameTextFault } from './value-rules.js';

const EXTEND_LIMITS = { minMs: SECOND_MS, maxMs: 3650 * DAY_MS };

export function parseConfirm(request: ConfirmAllocationRequest, caller: Caller, path = ''): AllocationCommand {
  const { externalId } = request;
  const transition = parseCommand(request, path, (faults) => {
    faults.check(`${path}external_id`, externalIdFault(externalId));
    const expectedEndMs = parseTime(request.expectedEnd, `${path}expected_end`, faults);
    const allocatedMs = parseTime(request.allocateTime, `${path}allocate_time`, faults);
    return confirm({
      attributes: toPairs(parseAttributes(request.attributes, `${path}attributes`, faults)),
      ...(externalId !== '' && { externalId }),
      ...(expectedEndMs !== undefined && { expectedEndMs }),
      ...(allocatedMs !== undefined && { allocatedMs }),
    });
  });
  const key = requestKey('ConfirmAllocation', messages.ConfirmAllocationRequest, request, caller);
  return { id: request.id, key, transition, deed: 'confirm an allocation' };
}

export function parseFail(request: FailAllocationRequest, caller: Caller, path = ''): AllocationCommand {
  const transition = parseCommand(request, path, (faults) => {
    faults.require(`${path}reason`, request.reason, proseFault);
    return fail(request.reason);
  });
  const key = requestKey('FailAllocation', messages.FailAllocationRequest, request, caller);
  return { id: request.id, key, transition, deed: 'fail an allocation' };
}

export function parseRelease(request: ConfirmReleaseRequest, caller: Caller, path = ''): AllocationCommand {
  const transition = parseCommand(request, path, (faults) => {
    faults.check(`${path}reason`, proseFault(request.reason));
    return release(request.reason, parseTime(request.endTime, `${path}end_time`, faults));
  });
  const key = requestKey('ConfirmRelease', messages.ConfirmReleaseRequest, request, caller);
  return { id: request.id, key, transition, deed: 'release an allocation' };
}

export function parseFailRelease(request: FailReleaseRequest, caller: Caller, path = ''): AllocationCommand {
  const transition = parseCommand(request, path, (faults) => {
    faults.require(`${path}reason`, request.reason, proseFault);
    return failRelease(request.reason);
  });
  const key = requestKey('FailRelease', messages.FailReleaseRequest, request, caller);
  return { id: request.id, key, transition, deed: 'fail the release of an allocation', ...etagOf(request) };
}

export function parseExtend(request: ExtendRequest, caller: Caller): AllocationCommand {
  const transition = parseCommand(request, '', (faults) => {
    if (request.duration === undefined) faults.add('duration', 'is missing');
    return extend(parseDuration(request.duration, 'duration', EXTEND_LIMITS, faults) ?? 0);
  });
  const key = requestKey('Extend', messages.ExtendRequest, request, caller);
  return { id: request.id, key, transition, deed: 'extend an allocation', ...etagOf(request) };
}

export function parseProtection(request: SetProtectionRequest, caller: Caller): AllocationCommand {
  const transition = parseCommand(request, '', (faults) => {
    faults.check('reason', proseFault(request.reason));
    return protect(request.protected, request.reason);
  });
  const key = requestKey('SetProtection', messages.SetProtectionRequest, request, caller);
  return { id: request.id, key, transition, deed: 'protect an allocation', ...etagOf(request) };
}

export function parseAttributesOf(request: ReleaseByAttributesRequest): Attributes {
  const { owner, kind, externalId } = request;
  return parseRequest(request, (faults) => {
    faults.require('owner', owner, nameTextFault);
    faults.check('kind', kindFault(kind));
    faults.require('external_id', externalId, externalIdFault);
    return { owner, kind, externalId };
  });
}

function parseCommand(
  request: { readonly id: string },
  path: string,
  parse: (faults: Faults) => Transition,
): Transition {
  const parseAll = (faults: Faults): Transition => {
    faults.require(`${path}id`, request.id, externalIdFault);
    return parse(faults);
  };
  return parseRequest(request, parseAll, path);
}

function etagOf({ etag }: { readonly etag: string }): { readonly etag?: string } {
  return etag === '' ? {} : { etag };
}
