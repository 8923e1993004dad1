import type { AcquireSink, CallEnd } from '../src/app/acquire-sink.js';
import type { EndReason, Lease, RequestSpec } from '../src/domain/index.js';
import type { Call, Serving } from './world.js';

/** What the caller hears on a stream. */
export interface Hearing {
  /** It waits. */
  queued(call: SimulatedCall): void;
  granted(call: SimulatedCall, lease: Lease, remainingMs: number | undefined): void;
  heartbeat(call: SimulatedCall, remainingMs: number | undefined): void;
  ended(call: SimulatedCall, leaseId: string, reason: EndReason): void;
  /** The stream is over: with an error, or (undefined) well; `broken` = the connection is gone. */
  over(call: SimulatedCall, error: unknown, broken?: boolean): void;
}

/** A caller's Acquire on a server. */
export class SimulatedCall implements AcquireSink, CallEnd, Call {
  over = false;
  /** The caller has hung up, which the server may not know. */
  isLeft = false;
  readonly congested = false;
  /** Other streams of the same request that were there when this one arrived, or came since. */
  readonly rivals = new Set<Call>();
  #isTold = false;
  #listener: (() => void) | undefined;

  constructor(
    readonly spec: RequestSpec,
    readonly serving: Serving,
    readonly hearing: Hearing,
  ) {}

  get requestId(): string {
    return this.spec.requestId;
  }

  get attached(): boolean {
    return this.#isTold && !this.over;
  }

  /** The call arrives at the server. `others`: all calls on any server. */
  async arrive(others: Iterable<SimulatedCall>): Promise<void> {
    const { serving, hearing, spec } = this;
    for (const other of others) {
      if (other.requestId !== this.requestId) continue;
      other.rivals.add(this);
      this.rivals.add(other);
    }
    try {
      await serving.lab.stocked();
      await serving.lab.acquire(spec, this, this);
      this.#leave();
      hearing.over(this, undefined);
    } catch (error) {
      this.#leave();
      hearing.over(this, error);
    }
  }

  /** The server learns that the caller has hung up. */
  hungUp(): void {
    if (this.over) return;
    this.over = true;
    this.#listener?.();
  }

  broke(): void {
    this.#leave();
    this.hearing.over(this, undefined, true);
  }

  onOver(listener: () => void): void {
    if (this.over) listener();
    else this.#listener = listener;
  }

  queued(): void {
    this.#isTold = true;
    this.hearing.queued(this);
  }

  granted(lease: Lease, remainingMs: number | undefined): void {
    this.#isTold = true;
    this.hearing.granted(this, lease, remainingMs);
  }

  heartbeat(_nowMs: number, remainingMs: number | undefined): void {
    this.hearing.heartbeat(this, remainingMs);
  }

  warning(): void {
    // A caller may go on as before.
  }

  ended(leaseId: string, reason: EndReason): void {
    this.#isTold = false;
    this.hearing.ended(this, leaseId, reason);
  }

  /** Over on the server as well, which asks before it plans what the call wanted. */
  #leave(): void {
    this.over = true;
    this.#isTold = false;
    this.serving.calls.delete(this);
  }
}
