import { Faults } from './faults.js';
import { requestIdFault } from './text-rules.js';

/**
 * What `parse` makes of a request; the request's id, where it has one, is checked too. Throws one error with every fault:
 * INVALID_FIELD, or the reason that all faults share. `path` stands before the names of the request's fields.
 */
export function parseRequest<T>(request: object, parse: (faults: Faults) => T, path = ''): T {
  const faults = new Faults();
  const parsed = parse(faults);
  const { requestId } = request as { readonly requestId?: string };
  if (requestId !== undefined) faults.check(`${path}request_id`, requestIdFault(requestId));
  faults.throwIfAny();
  return parsed;
}
