import type { By } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Allocation } from './allocation.js';

export function noSuchAllocation(id: string): BerthError {
  return new BerthError('NO_SUCH_ALLOCATION', `there is no allocation '${id}'; list them with 'berth alloc ls'.`, {
    resource: { type: 'berth.dev/Allocation', name: id },
  });
}

/** `deed` completes "cannot …"; `allowed` says from which states it can. */
export function illegalTransition({ id, state, owner }: Allocation, deed: string, hint: string): BerthError {
  const description = `allocation '${id}' of ${owner} is ${state} and cannot ${deed}; ${hint}`;
  return new BerthError('ILLEGAL_TRANSITION', `${description}.`, {
    resource: { type: 'berth.dev/Allocation', name: id, owner },
    preconditions: [{ type: 'STATE', subject: id, description }],
    metadata: { state },
  });
}

export function staleEtag({ id }: { readonly id: string }): BerthError {
  const message = `'${id}' changed since its etag was read; read it again, look at what changed, and repeat.`;
  return new BerthError('STALE_ETAG', message, { resource: { type: 'berth.dev/Allocation', name: id } });
}

/** Throws PERMISSION_DENIED unless the caller owns it or acts for everybody. */
export function requireOwner(owner: string, by: By, what: string): void {
  if (by.operator || by.actor.name === owner) return;
  throw new BerthError(
    'PERMISSION_DENIED',
    `${by.actor.name} may not ${what} of ${owner}: users act for themselves. Ask ${owner}, or an operator.`,
    { metadata: { owner, caller: by.actor.name } },
  );
}
