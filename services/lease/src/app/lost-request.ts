import { BerthError } from '@berth/kernel';
import type { Answer, Change, RequestSpec } from '../domain/index.js';
import { ACQUIRE_FIELDS, assertSameRequest, endedError } from '../domain/index.js';

/** What a caller is to do when the server shuts down. */
export const SHUTS_DOWN = 'the server shuts down; connect again with the same request_id';

/** What a waiting caller is told when its request left the queue without a grant. */
export function goneError(change: Extract<Change, { kind: 'requestGone' }>): BerthError {
  const { request, reason, actor, message } = change;
  const { requestId, waitMs } = request.spec;
  const by = `by ${actor.name}${message === '' ? '' : `: ${message}`}`;
  switch (reason) {
    case 'TIMEOUT': {
      const waited = `${String(Math.round((waitMs ?? 0) / 1000))} s`;
      return new BerthError(
        'WAIT_TIMEOUT',
        `request '${requestId}' gave up after its wait_timeout of ${waited}, and gets nothing any more. Ask again, and wait longer.`,
        { metadata: { end: reason } },
      );
    }
    case 'CANCELLED':
      return new BerthError('REQUEST_CANCELLED', `request '${requestId}' was cancelled ${by}.`, {
        metadata: { actor: actor.name },
      });
    case 'UNSATISFIABLE':
      return new BerthError('REQUEST_UNSATISFIABLE', `request '${requestId}' can not be served any more, ${by}.`, {
        preconditions: [{ type: 'REMOVED', subject: requestId, description: message }],
      });
    case 'BOOKING_OVER':
      return new BerthError('REQUEST_UNSATISFIABLE', `request '${requestId}' gets nothing any more: ${message}.`, {
        preconditions: [{ type: 'BOOKING_OVER', subject: requestId, description: message }],
      });
    case 'DISCONNECTED':
    case 'SESSION_LOST':
      return new BerthError(
        'REQUEST_ENDED',
        `request '${requestId}' lost its place: the server could not be reached for longer than its grace. Ask again with a new request_id.`,
        { metadata: { end: reason } },
      );
  }
}

/** What a waiting caller is told when its lease was over before it could be told of it. */
export function endedUntold({ lease, reason, message }: Extract<Change, { kind: 'leaseEnded' }>): BerthError {
  return endedError(lease.spec.requestId, { fingerprint: '', end: reason, message: `${lease.id} ${message}` });
}

/** What a stream is told when its caller came back on another one. */
export function takenOver(requestId: string): BerthError {
  return new BerthError(
    'REQUEST_TAKEN_OVER',
    `request '${requestId}' goes on in a newer stream with the same request_id; this one ends.`,
  );
}

/** What a stream is told whose server was paused, or out of touch with its store, while its caller came back elsewhere. */
export function wentOnElsewhere(requestId: string): BerthError {
  const why = `request '${requestId}' went on through another server while this one was out of touch. Call again.`;
  return new BerthError('STORE_UNAVAILABLE', why, { retryAfterMs: 0 });
}

/** What nobody hears: the caller hung up before its request was planned. */
export function hungUp(requestId: string): BerthError {
  return new BerthError('REQUEST_CANCELLED', `request '${requestId}' was not made: its caller hung up.`);
}

/** What a caller is told whose stream ends because the server shuts down. */
export function shuttingDown(): BerthError {
  return new BerthError('SHUTTING_DOWN', `${SHUTS_DOWN}.`, { retryAfterMs: 500 });
}

/** Tells a repeat of an Acquire how its request ended the first time. */
export function throwEnd(spec: RequestSpec, answer: Answer): never {
  const nameOf = (field: number): string | undefined => ACQUIRE_FIELDS.find(([number]) => number === field)?.[1];
  assertSameRequest(spec.requestId, spec.fingerprint, answer.fingerprint, nameOf);
  throw endedError(spec.requestId, answer);
}
