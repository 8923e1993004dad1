import type { ErrorResource } from './errors.js';
import { BerthError } from './errors.js';

/** The refusal of a change that names an etag which `thing` ("bench 'b1'") does not have any more; `now` is the present one. */
export function staleEtag(thing: string, etag: string, now: string, resource: ErrorResource): BerthError {
  return new BerthError(
    'STALE_ETAG',
    `${thing} changed since its etag ${etag} was read (now ${now}); nothing was changed. Read it again, look at what changed, and repeat.`,
    { resource, metadata: { etag: now } },
  );
}
