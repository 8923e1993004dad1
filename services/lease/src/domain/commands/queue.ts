import type { By } from '@berth/kernel';
import { BerthError, requireOwner } from '@berth/kernel';
import type { Draft } from '../draft.js';
import type { Waiting } from '../entities.js';
import type { LabState } from '../state.js';

function waitingRequest(state: LabState, requestId: string): Waiting {
  const request = state.requests.get(requestId);
  if (request !== undefined) return request;
  throw new BerthError(
    'NO_SUCH_REQUEST',
    `request '${requestId}' does not wait: it was granted, has ended, or never was. List what waits: berth queue.`,
    { resource: { type: 'berth.dev/Request', name: requestId } },
  );
}

/** Takes a request out of the queue. */
export function planCancel(draft: Draft, requestId: string, by: By, message: string): void {
  const { owner } = waitingRequest(draft.state, requestId).spec;
  requireOwner(owner, by, `cancel request '${requestId}'`, { type: 'berth.dev/Request', name: requestId });
  draft.emit({ type: 'RequestGone', requestId, reason: 'CANCELLED', actor: by.actor, message, atMs: draft.now });
  // What it had claimed may serve others now.
  draft.schedule();
}

/** Changes a waiting request's priority, which may grant it at once. */
export function planPrioritise(draft: Draft, requestId: string, by: By, priority: number): void {
  waitingRequest(draft.state, requestId);
  draft.emit({ type: 'RequestPrioritised', requestId, priority, actor: by.actor });
  // A request with other claims before it may now go first, or leave them to another.
  draft.schedule();
}
