import type { LeaseEvent } from './events.js';
import type { LabState } from './state.js';

/** A plan in the making, for what only adds events to it. */
export interface Plan {
  readonly state: LabState;
  readonly now: number;
  /** Adds an event, and what must hold in the store for it. */
  emit(event: LeaseEvent): void;
}
