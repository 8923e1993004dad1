import { BerthError } from '@berth/kernel';
import type { AllocationResult } from '@berth/proto/berth/tracker/v1/allocation_service';
import { Faults, rpcStatus } from '@berth/server';
import type { Settled } from '../app/settle.js';
import type { Allocation } from '../domain/index.js';
import { resultOf } from './allocation-to-proto.js';
import { checkBatch } from './value-rules.js';

/**
 * Parses the items of a batch and carries out those that can be read; each answers for itself, in the order of the
 * requests. Throws INVALID_FIELD for a batch that is empty or too large.
 */
export async function runBatch<R, P>(
  requests: readonly R[],
  parse: (request: R, path: string) => P,
  run: (parsed: readonly P[]) => Promise<readonly Settled<Allocation>[]>,
): Promise<{ results: AllocationResult[] }> {
  const faults = new Faults();
  checkBatch(requests, faults);
  faults.throwIfAny();
  const results = new Array<AllocationResult>(requests.length);
  const parsed: P[] = [];
  const places: number[] = [];
  for (const [i, request] of requests.entries()) {
    try {
      parsed.push(parse(request, `requests[${i}].`));
      places.push(i);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      results[i] = { result: { $case: 'error', value: rpcStatus(error) } };
    }
  }
  const settled = parsed.length === 0 ? [] : await run(parsed);
  for (const [at, outcome] of settled.entries()) results[places[at] ?? 0] = resultOf(outcome);
  return { results };
}
