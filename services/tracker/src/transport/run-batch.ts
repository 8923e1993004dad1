import { BerthError } from '@berth/kernel';
import { AllocationResult } from '@berth/proto/berth/tracker/v1/allocation_service';
import { Faults, fitAll, itemBytes } from '@berth/server';
import type { Settled } from '../app/settle.js';
import type { Allocation } from '../domain/index.js';
import { resultOf, shortResultOf } from './allocation-to-proto.js';
import { checkBatch } from './value-rules.js';

/** What a shortened result takes at most: of 10,000 a few less than 2 MiB. */
const SHORT_BYTES = 205;

/**
 * Parses the items of a batch and carries out those that can be read; each answers for itself, in the order of the
 * requests, in one message that clients take. Throws INVALID_FIELD for a batch that is empty or too large.
 */
export async function runBatch<R, P>(
  requests: readonly R[],
  parse: (request: R, path: string) => P,
  run: (parsed: readonly P[]) => Promise<readonly Settled<Allocation>[]>,
): Promise<{ results: AllocationResult[] }> {
  const faults = new Faults();
  checkBatch(requests, faults);
  faults.throwIfAny();
  const all = new Array<Settled<Allocation>>(requests.length);
  const parsed: P[] = [];
  const places: number[] = [];
  for (const [i, request] of requests.entries()) {
    try {
      parsed.push(parse(request, `requests[${i}].`));
      places.push(i);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      all[i] = { error };
    }
  }
  const settled = parsed.length === 0 ? [] : await run(parsed);
  for (const [at, outcome] of settled.entries()) all[places[at] ?? 0] = outcome;
  const bytes = itemBytes(AllocationResult);
  return { results: fitAll(all, { whole: resultOf, short: shortResultOf, shortBytes: SHORT_BYTES, bytes }) };
}
