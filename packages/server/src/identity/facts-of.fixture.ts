// What tests of refusals share.
import type { BerthError } from '@berth/kernel';
import type { RefusalFacts } from './refused-caller.js';
import { RefusedCaller } from './refused-caller.js';

/** What of a refusal is for the audit; nothing for other errors. */
export function factsOf(error: BerthError): RefusalFacts {
  return error instanceof RefusedCaller ? error.facts : {};
}
