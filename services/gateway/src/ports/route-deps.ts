import type { Clock, Logger } from '@berth/kernel';
import type { Roles } from './roles.js';

/** What routes are given. */
export interface RouteDeps {
  readonly roles: Roles;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of Berth. */
  readonly version: string;
}
