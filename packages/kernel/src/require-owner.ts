import type { By } from './actor.js';
import type { ErrorResource } from './errors.js';
import { BerthError } from './errors.js';

/**
 * Throws PERMISSION_DENIED unless the caller is `owner` or acts for everybody. `deed` says what is refused, as in "cancel a
 * request"; `resource` is the thing that it is about.
 */
export function requireOwner(owner: string, by: By, deed: string, resource?: ErrorResource): void {
  if (by.operator || by.actor.name === owner) return;
  throw new BerthError(
    'PERMISSION_DENIED',
    `${by.actor.name} may not ${deed} of ${owner}: users act for themselves. Ask ${owner}, or an operator.`,
    { metadata: { owner, caller: by.actor.name }, ...(resource && { resource: { ...resource, owner } }) },
  );
}
