import { BerthError, staleEtag as staleEtagOf } from '@berth/kernel';
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

export function staleEtag({ id }: { readonly id: string }, etag: string, now: string): BerthError {
  return staleEtagOf(`allocation '${id}'`, etag, now, { type: 'berth.dev/Allocation', name: id });
}
