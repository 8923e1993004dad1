import type { LabState, LeaseEvent } from '../domain/index.js';

/** How events and whole states are written as bytes. What was ever written can always be read. */
export interface Codec {
  encodeEvent(event: LeaseEvent): Uint8Array;
  decodeEvent(bytes: Uint8Array): LeaseEvent;
  encodeState(state: LabState): Uint8Array;
  /** Fills an empty state. */
  decodeState(bytes: Uint8Array, into: LabState): void;
}
