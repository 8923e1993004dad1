import type { LabState } from './state.js';

/** Forgets what a lab remembers of those who neither hold nor wait, where that is much. Not while a draft is open. */
export function forgetIdle({ demands, usage }: LabState): void {
  demands.forgetIdle();
  usage?.forgetIdle();
}
