import type { ResourceState as StateMessage } from '@berth/proto/berth/pool/v1/pool';
import { ResourceState as StateMessages } from '@berth/proto/berth/pool/v1/pool';
import type { DeleteResourcesRequest, ForgetResourceRequest } from '@berth/proto/berth/pool/v1/pool_service';
import type { Faults } from '@berth/server';
import { parseRequest, proseFault } from '@berth/server';
import type { Victims } from '../../app/command-resources.js';
import type { ResourceState } from '../../domain/resource.js';
import { RESOURCE_STATES } from '../../domain/resource.js';

const MAX_NUMBERS = 1000;

/** The states of a filter; none given = all that are live. */
export function parseStates(request: { readonly states: readonly StateMessage[] }): readonly ResourceState[] {
  if (request.states.length === 0) return RESOURCE_STATES.filter((state) => state !== 'ENDED');
  return parseRequest(request, (faults) =>
    request.states.flatMap((given, at) => {
      const state = RESOURCE_STATES.find((name) => StateMessages[name] === given);
      if (state === undefined) faults.add(`states[${at}]`, `must be one of ${RESOURCE_STATES.join(', ')}`);
      return state ?? [];
    }),
  );
}

/** Which resources are to go, and why. */
export function parseVictims(request: DeleteResourcesRequest): { readonly victims: Victims; readonly reason: string } {
  return parseRequest(request, (faults) => {
    const { numbers, all, unused, reason } = request;
    const given = [numbers.length > 0 && 'numbers', all && 'all', unused && 'unused'].filter((name) => name !== false);
    if (given.length !== 1) faults.add('numbers', "give exactly one of 'numbers', 'all' and 'unused'");
    if (numbers.length > MAX_NUMBERS)
      faults.add('numbers', `has ${numbers.length} numbers; at most ${MAX_NUMBERS} are allowed`);
    numbers.forEach((number, at) => {
      checkNumber(faults, `numbers[${at}]`, number);
    });
    faults.check('reason', proseFault(reason));
    return { victims: all ? 'all' : unused ? 'unused' : numbers, reason: reason || 'an operator deleted it' };
  });
}

/** The number of a resource, and why it is known to be gone. */
export function parseForget(request: ForgetResourceRequest): { readonly number: number; readonly reason: string } {
  return parseRequest(request, (faults) => {
    checkNumber(faults, 'number', request.number);
    faults.require('reason', request.reason, proseFault);
    return { number: request.number, reason: request.reason };
  });
}

export function parseNumber(request: { readonly number: number }): number {
  return parseRequest(request, (faults) => {
    checkNumber(faults, 'number', request.number);
    return request.number;
  });
}

function checkNumber(faults: Faults, field: string, number: number): void {
  if (!Number.isSafeInteger(number) || number < 1) faults.add(field, 'must be the number of a resource, from 1');
}
