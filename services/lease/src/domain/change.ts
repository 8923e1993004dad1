import type { Actor } from '@berth/kernel';
import type { Bench, Lease, Reservation, Waiting } from './entities.js';
import type { EndReason, GoneReason, Offer, ReservationEnd } from './model.js';

/** What the application of an event changed, for streams and watchers. */
export type Change =
  | { readonly kind: 'requestPut'; readonly request: Waiting }
  | {
      readonly kind: 'requestGone';
      readonly request: Waiting;
      readonly reason: GoneReason;
      readonly actor: Actor;
      readonly message: string;
    }
  | { readonly kind: 'leasePut'; readonly lease: Lease }
  | {
      readonly kind: 'leaseEnded';
      readonly lease: Lease;
      readonly reason: EndReason;
      readonly actor: Actor;
      readonly message: string;
      readonly atMs: number;
    }
  | {
      readonly kind: 'benchPut';
      readonly bench: Bench;
      /** True when its description is another one than before. */
      readonly described?: boolean;
    }
  | { readonly kind: 'benchRemoved'; readonly name: string }
  | { readonly kind: 'offerPut'; readonly offer: Offer }
  | { readonly kind: 'offerRemoved'; readonly pool: string }
  | { readonly kind: 'reservationPut'; readonly reservation: Reservation }
  | {
      readonly kind: 'reservationGone';
      readonly id: string;
      readonly reason: ReservationEnd;
      readonly version: number;
    };
