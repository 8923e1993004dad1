import type { Change } from '../domain/index.js';

/** What others on this replica want to know. All are called with the state as it is after the change. */
export interface ReplicaListener {
  /** The state is being read from the store: from this revision on each entry is told by `replayed`. */
  loading?(from: number): void;
  /** An entry was read and applied while the state was loaded; the state that listeners see is still the former one. */
  replayed?(changes: readonly Change[], revision: number): void;
  /** An entry was committed (by anyone) and applied. */
  applied?(changes: readonly Change[], revision: number): void;
  /** The state was read anew from the store, which had lost something: what is not in it any more is gone. */
  reloaded?(): void;
}
