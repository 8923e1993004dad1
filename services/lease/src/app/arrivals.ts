import type { BerthError } from '@berth/kernel';
import type { Change } from '../domain/index.js';
import { endedError } from '../domain/index.js';
import { endedUntold, goneError } from './lost-request.js';

/** How a request or its lease ended. */
type End = Extract<Change, { kind: 'requestGone' | 'leaseEnded' }>;

/** Acquire calls on their way to their place, by request: how many, and what ended their request meanwhile. */
export class Arrivals {
  readonly #byRequest = new Map<string, { count: number; end?: End }>();

  get isEmpty(): boolean {
    return this.#byRequest.size === 0;
  }

  has(requestId: string): boolean {
    return this.#byRequest.has(requestId);
  }

  /** A call sets out. */
  add(requestId: string): void {
    const arriving = this.#byRequest.get(requestId) ?? { count: 0 };
    arriving.count++;
    this.#byRequest.set(requestId, arriving);
  }

  /** A call that `add` was told of is there, or has failed. */
  delete(requestId: string): void {
    const arriving = this.#byRequest.get(requestId);
    if (arriving !== undefined && --arriving.count === 0) this.#byRequest.delete(requestId);
  }

  /** Keeps how a request ended for those who arrive at it in the very batch that ends it. */
  noteEnd(change: Change): void {
    if (change.kind !== 'requestGone' && change.kind !== 'leaseEnded') return;
    const { spec } = change.kind === 'requestGone' ? change.request : change.lease;
    // Of a lease that was transferred the end is the new owner's to know.
    if (change.kind === 'leaseEnded' && change.lease.owner !== spec.owner) return;
    const arriving = this.#byRequest.get(spec.requestId);
    if (arriving !== undefined) arriving.end = change;
  }

  /** Why a request that was just committed is over. */
  endOf(requestId: string): BerthError {
    const end = this.#byRequest.get(requestId)?.end;
    if (end === undefined)
      return endedError(requestId, { fingerprint: '', end: 'UNKNOWN', message: 'right after it was made' });
    return end.kind === 'requestGone' ? goneError(end) : endedUntold(end);
  }
}
