import { Bench as BenchMessage } from '@berth/proto/berth/lease/v1/bench';
import type { ListBenchesRequest, ListBenchesResponse } from '@berth/proto/berth/lease/v1/inventory_service';
import type { CallContext } from '@berth/server';
import { pageOf, parseRequest } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import type { Bench } from '../../domain/index.js';
import { asMatchable, describeRequirement, meets } from '../../domain/index.js';
import { sees } from '../access.js';
import { benchOf } from './bench-to-proto.js';
import { parseConditionStates } from './parse-condition.js';
import { parseRequirement } from './parse-requirement.js';

/** The benches by name, or those that match. */
export function listBenches(lab: Lab, request: ListBenchesRequest, call: CallContext): ListBenchesResponse {
  const { states, requirement } = parseRequest(request, (faults) => {
    const states = parseConditionStates(request.conditions, faults);
    const counted = request.requirement && parseRequirement(request.requirement, 'requirement', faults);
    if (request.requirement?.count !== undefined)
      faults.add('requirement.count', 'is not allowed in a list; leave it out');
    else if (counted !== undefined && counted.count !== 1)
      faults.add('requirement.query', 'has a count, which is not allowed in a list; leave it out');
    return { states, requirement: counted?.requirement };
  });
  // Affinity is no part of a requirement: a bench that is kept for one is listed as well.
  const wanted = (bench: Bench): boolean =>
    (states.size === 0 || states.has(bench.condition.state)) &&
    (requirement === undefined || meets(requirement, asMatchable(bench), bench.spec.affinity));
  const { state } = lab;
  const { messages, nextPageToken } = pageOf(request, {
    items: benchesByName(lab).filter(wanted),
    keyOf: (bench) => bench.spec.name,
    isAfter: (bench, key) => bench.spec.name > key,
    message: (bench) => benchOf(lab, bench, sees(call, bench.lease?.owner)),
    bytes: (message) => BenchMessage.encode(message).finish().length,
    scope: ['ListBenches', lab.name, [...states].sort(), requirement && describeRequirement(requirement)],
  });
  return { benches: messages, nextPageToken, revision: state.revision };
}

/** All benches of a lab in the order of their names. */
export function benchesByName({ state }: Lab): readonly Bench[] {
  return [...state.benches.values()].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
}
