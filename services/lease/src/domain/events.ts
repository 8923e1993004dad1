import type { Actor } from '@berth/kernel';
import type {
  Announced,
  BenchSpec,
  Condition,
  EndReason,
  GoneReason,
  HoldMode,
  Offer,
  RequestSpec,
  ReservationEnd,
  ReservationSpec,
} from './model.js';

/**
 * What a reader of the log needs to know of a lease without knowing the state. Empty ones are left out, and all of them in
 * events of versions that did not have them.
 */
interface Told {
  readonly owner?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly booking?: string;
}

/**
 * What happened in a lab: the whole state follows from these, in order. They are stored, so a field is never renamed or
 * given another meaning; new ones are optional. Whoever applies one also knows its revision.
 */
export type LeaseEvent =
  | { readonly type: 'RequestQueued'; readonly spec: RequestSpec; readonly atMs: number; readonly session: string }
  | { readonly type: 'RequestAttached'; readonly requestId: string; readonly session: string }
  | {
      readonly type: 'RequestDetached';
      readonly requestId: string;
      readonly untilMs: number;
      /** Not in events of versions that kept benches back as long as the place. */
      readonly keptUntilMs?: number;
    }
  /** Nothing is kept back for it any more, until its caller is back. */
  | { readonly type: 'RequestSetAside'; readonly requestId: string }
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
  | ({
      readonly type: 'LeaseGranted';
      readonly requestId: string;
      readonly leaseId: string;
      readonly benches: readonly string[];
      readonly atMs: number;
    } & Told)
  | { readonly type: 'LeaseAttached'; readonly leaseId: string; readonly session: string }
  | { readonly type: 'LeaseDetached'; readonly leaseId: string; readonly untilMs: number }
  | { readonly type: 'LeaseExtended'; readonly leaseId: string; readonly endMs: number; readonly actor: Actor }
  /** The new lease's fencing token is the revision of this event. */
  | ({
      readonly type: 'LeaseTransferred';
      readonly leaseId: string;
      readonly newLeaseId: string;
      readonly newOwner: string;
      readonly hold: HoldMode;
      readonly ttlMs?: number;
      readonly actor: Actor;
      readonly message: string;
      readonly atMs: number;
      readonly benches?: readonly string[];
    } & Omit<Told, 'owner'>)
  | {
      readonly type: 'LeaseEnded';
      readonly leaseId: string;
      readonly reason: EndReason;
      readonly actor: Actor;
      readonly message: string;
      readonly atMs: number;
    }
  | {
      readonly type: 'BenchPut';
      /** What its owner describes. */
      readonly spec: BenchSpec;
      readonly origin: string;
      /** What is announced of it from now on; absent = as before. Not in logs of versions that did not know it. */
      readonly announced?: Announced;
      readonly atMs: number;
    }
  /** The bench goes when its present lease ends. */
  | { readonly type: 'BenchRetired'; readonly name: string; readonly actor: Actor }
  | { readonly type: 'BenchRemoved'; readonly name: string }
  | { readonly type: 'BenchConditionSet'; readonly name: string; readonly condition: Condition }
  /** A lease of it may have been lost with the store's data: it is to be cleaned, with the revision of this event as token. */
  | { readonly type: 'BenchCleaning'; readonly name: string }
  /** It was cleaned, after its last lease or after a loss of the store. */
  | { readonly type: 'BenchCleaned'; readonly name: string }
  | { readonly type: 'OfferPut'; readonly offer: Offer }
  | { readonly type: 'OfferRemoved'; readonly pool: string }
  /** A reservation is there from now on, in place of one with the same id. */
  | ({
      readonly type: 'ReservationPut';
      /** How long before its start what is on a bench must end, by bench; those that need no time are left out. */
      readonly leadsMs?: Readonly<Record<string, number>>;
      readonly actor: Actor;
      readonly atMs: number;
    } & ReservationSpec)
  /** Its start has come. */
  | { readonly type: 'ReservationStarted'; readonly id: string; readonly atMs: number }
  /** It is there no more, or never was. Until `untilMs` puts of this and of lower versions may come late. */
  | {
      readonly type: 'ReservationGone';
      readonly id: string;
      readonly reason: ReservationEnd;
      readonly version: number;
      readonly untilMs: number;
      readonly actor: Actor;
      readonly atMs: number;
    };
