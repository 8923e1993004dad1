import type { Actor, BenchSpec, Condition, EndReason, GoneReason, HoldMode, Offer, RequestSpec } from './model.js';

/**
 * What happened in a lab: the whole state follows from these, in order. They are stored, so a field is never renamed or
 * given another meaning; new ones are optional. Whoever applies one also knows its revision.
 */
export type LeaseEvent =
  | { readonly type: 'RequestQueued'; readonly spec: RequestSpec; readonly atMs: number; readonly session: string }
  | { readonly type: 'RequestAttached'; readonly requestId: string; readonly session: string }
  | { readonly type: 'RequestDetached'; readonly requestId: string; readonly untilMs: number }
  | {
      readonly type: 'RequestPrioritised';
      readonly requestId: string;
      readonly priority: number;
      readonly actor: Actor;
    }
  | {
      readonly type: 'RequestGone';
      readonly requestId: string;
      readonly reason: GoneReason;
      readonly actor: Actor;
      readonly message: string;
      readonly atMs: number;
    }
  /** The fencing token of the lease is the revision of this event. */
  | {
      readonly type: 'LeaseGranted';
      readonly requestId: string;
      readonly leaseId: string;
      readonly benches: readonly string[];
      readonly atMs: number;
    }
  | { readonly type: 'LeaseAttached'; readonly leaseId: string; readonly session: string }
  | { readonly type: 'LeaseDetached'; readonly leaseId: string; readonly untilMs: number }
  | { readonly type: 'LeaseExtended'; readonly leaseId: string; readonly endMs: number; readonly actor: Actor }
  /** The new lease's fencing token is the revision of this event. */
  | {
      readonly type: 'LeaseTransferred';
      readonly leaseId: string;
      readonly newLeaseId: string;
      readonly newOwner: string;
      readonly hold: HoldMode;
      readonly ttlMs?: number;
      readonly actor: Actor;
      readonly message: string;
      readonly atMs: number;
    }
  | {
      readonly type: 'LeaseEnded';
      readonly leaseId: string;
      readonly reason: EndReason;
      readonly actor: Actor;
      readonly message: string;
      readonly atMs: number;
    }
  | { readonly type: 'BenchPut'; readonly spec: BenchSpec; readonly origin: string; readonly atMs: number }
  /** The bench goes when its present lease ends. */
  | { readonly type: 'BenchRetired'; readonly name: string; readonly actor: Actor }
  | { readonly type: 'BenchRemoved'; readonly name: string }
  | { readonly type: 'BenchConditionSet'; readonly name: string; readonly condition: Condition }
  | { readonly type: 'OfferPut'; readonly offer: Offer }
  | { readonly type: 'OfferRemoved'; readonly pool: string };
