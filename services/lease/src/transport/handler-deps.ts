import type { Clock } from '@berth/kernel';
import type { Lab } from '../app/lab.js';
import type { PriorityCaps } from './cap-priority.js';
import { parseLab } from './parse-calls.js';

/** What the handlers of both services need. */
export interface HandlerDeps {
  /** Opens a lab by its name; never an empty one. Throws NO_SUCH_LAB, unless it is to be made. */
  readonly labOf: (name: string, make?: boolean) => Promise<Lab>;
  readonly priorityCaps: PriorityCaps;
  /** For signs of life of watches. Default: the machine's. */
  readonly clock?: Clock;
}

/** Opens the lab that a request names. Throws INVALID_FIELD and NO_SUCH_LAB. */
export function openLab({ labOf }: HandlerDeps, lab: string): Promise<Lab> {
  return labOf(parseLab(lab));
}

/** Opens the lab that a request names, and makes it when it is not there. Throws INVALID_FIELD. */
export function openOrMakeLab({ labOf }: HandlerDeps, lab: string): Promise<Lab> {
  return labOf(parseLab(lab), true);
}
