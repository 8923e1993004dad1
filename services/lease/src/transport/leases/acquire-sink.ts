import type { Actor } from '@berth/kernel';
import type { AcquireResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { ResponseStream } from '@berth/server';
import type { AcquireSink } from '../../app/acquire-sink.js';
import type { EndReason, Lease, QueuedView } from '../../domain/index.js';
import type { LabView } from '../inventory/bench-to-proto.js';
import { grantedBytes } from './granted-bytes.js';
import { heartbeatBytes } from './heartbeat-bytes.js';
import { endedOf, warningOf } from './lease-to-proto.js';
import { queuedBytes } from './queued-bytes.js';

/** Tells a caller's stream what becomes of its request. Never waits: a reader that takes nothing is cut by the server. */
export class StreamSink implements AcquireSink {
  readonly #lab: LabView;
  readonly #caller: string;
  readonly #out: ResponseStream<AcquireResponse>;

  constructor(
    lab: LabView,
    caller: string,
    out: ResponseStream<AcquireResponse>,
    readonly tellOnce: boolean,
  ) {
    this.#lab = lab;
    this.#caller = caller;
    this.#out = out;
  }

  get congested(): boolean {
    return this.#out.pending > 0;
  }

  queued(view: QueuedView): void {
    void this.#out.write(queuedBytes(this.#lab, view));
  }

  /** Token and properties are for the lease's owner: another caller is told nothing here, whatever led to it. */
  granted(lease: Lease, remainingMs: number | undefined): void {
    if (lease.owner !== this.#caller) return;
    void this.#out.write(grantedBytes(this.#lab, lease, remainingMs));
  }

  heartbeat(nowMs: number, remainingMs: number | undefined): void {
    void this.#out.write(heartbeatBytes(nowMs, remainingMs));
  }

  warning(kind: Parameters<AcquireSink['warning']>[0], remainingMs: number | undefined, message: string): void {
    void this.#out.write({ event: { $case: 'warning', value: warningOf(kind, remainingMs, message) } });
  }

  ended(leaseId: string, reason: EndReason, actor: Actor, message: string, atMs: number): void {
    void this.#out.write({ event: { $case: 'ended', value: endedOf(leaseId, reason, actor, message, atMs) } });
  }
}
