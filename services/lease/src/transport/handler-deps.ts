import type { Clock } from '@berth/kernel';
import type { Lab } from '../app/lab.js';
import type { PriorityCaps } from './leases/cap-priority.js';
import { parseLab } from './leases/parse-calls.js';

/** What the handlers of both services need. */
export interface HandlerDeps {
  /** Opens a lab by its name; never an empty one. Throws NO_SUCH_LAB, unless it is to be made. */
  readonly labOf: (name: string, make?: boolean) => Promise<Lab>;
  readonly priorityCaps: PriorityCaps;
  /** For signs of life of watches. Default: the machine's. */
  readonly clock?: Clock;
}

/** Opens the lab that a request names. Throws INVALID_FIELD and NO_SUCH_LAB. */
export function openLab(deps: HandlerDeps, name: string): Promise<Lab> {
  return stockedLab(deps, name, false);
}

/** Opens the lab that a request names, and makes it when it is not there. Throws INVALID_FIELD. */
export function openOrMakeLab(deps: HandlerDeps, name: string): Promise<Lab> {
  return stockedLab(deps, name, true);
}

/** Nothing is read from a lab, and nobody refused by it, while it is filled again. */
async function stockedLab({ labOf }: HandlerDeps, name: string, make: boolean): Promise<Lab> {
  const lab = await labOf(parseLab(name), make);
  await lab.stocked();
  return lab;
}
