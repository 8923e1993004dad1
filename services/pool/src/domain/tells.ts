import type { Resource } from './resource.js';

/**
 * Something of a resource that the tracker does not know yet, in the order in which it is to be told.
 *
 * - intent: it is about to be made.
 * - up: it was made.
 * - failedDelete: it could not be deleted, a leak.
 * - released: it was deleted, or is known to be gone. failed: it was not made.
 */
export type Tell = 'intent' | 'up' | 'failedDelete' | 'released' | 'failed';

/** What is to be told next; undefined when the tracker knows everything. */
export function nextTell({ told, upMs, state, failedDeletes }: Resource): Tell | undefined {
  if (told.allocation === undefined) return 'intent';
  if (upMs !== undefined && told.up !== true) return 'up';
  if (state === 'ENDED') return told.end === true ? undefined : upMs === undefined ? 'failed' : 'released';
  return state === 'DELETE_FAILED' && failedDeletes > (told.failedDeletes ?? 0) ? 'failedDelete' : undefined;
}

/** The resource once the tracker has been told; of an intent the allocation's id is the answer. */
export function afterTell(resource: Resource, tell: Tell, failedDeletes: number, allocation = ''): Resource {
  const { told } = resource;
  switch (tell) {
    case 'intent':
      return marked({ ...resource, told: { ...told, allocation } });
    case 'up':
      return marked({ ...resource, told: { ...told, up: true } });
    case 'failedDelete':
      return marked({ ...resource, told: { ...told, failedDeletes } });
    case 'released':
    case 'failed':
      return marked({ ...resource, told: { ...told, end: true } });
  }
}

/** The resource with the mark by which it is found while there is something to tell. */
export function marked({ untold: _, ...resource }: Resource): Resource {
  return nextTell(resource) === undefined ? resource : { untold: 1, ...resource };
}
