import { BerthError, invalidField } from '@berth/kernel';
import { listFault } from './text-rules.js';

const MAX_BATCH = 10_000;

/** Why an item of a batch was not carried out. */
interface Refused {
  readonly error: BerthError;
}

/**
 * Parses the items of a batch and carries out those that can be read; each has an answer of its own, in the order of the
 * requests. Throws INVALID_FIELD for a batch that is empty or too large.
 */
export async function runBatch<R, P, A>(
  requests: readonly R[],
  parse: (request: R, path: string) => P,
  run: (parsed: readonly P[]) => Promise<readonly A[]>,
): Promise<readonly (A | Refused)[]> {
  const fault = listFault(requests, 'items', MAX_BATCH);
  if (fault !== undefined) throw invalidField('requests', fault);
  const answers = new Array<A | Refused>(requests.length);
  const parsed: P[] = [];
  const places: number[] = [];
  for (const [i, request] of requests.entries()) {
    try {
      parsed.push(parse(request, `requests[${i}].`));
      places.push(i);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      answers[i] = { error };
    }
  }
  const ran = parsed.length === 0 ? [] : await run(parsed);
  for (const [at, answer] of ran.entries()) answers[places[at] ?? 0] = answer;
  return answers;
}
