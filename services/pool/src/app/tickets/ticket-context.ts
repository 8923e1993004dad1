import type { Changes } from '@berth/documents';
import type { Clock, Failpoint, Logger } from '@berth/kernel';
import type { Ticket } from '../../domain/tickets/index.js';
import type { Collection } from '../../ports/collections.js';
import type { TicketRequests } from '../../ports/ticket-requests.js';
import type { Numbering } from './numbering.js';
import type { TicketListeners } from './ticket-listeners.js';
import type { Tidying } from './tidying.js';

export interface TicketSettings {
  /** For how long repeats of a request id are answered. */
  readonly requestIdTtlMs: number;
  /** For how long a closed ticket, and one that has failed, is kept. */
  readonly keepMs: number;
  /** What becomes of a new ticket that nothing could serve now. */
  readonly unknownTags: 'refuse' | 'wait';
}

/** What the use cases of tickets work with. */
export interface TicketContext {
  readonly tickets: Collection<Ticket>;
  readonly numbering: Numbering;
  readonly requests: TicketRequests;
  /** Notes which closed tickets are given back. */
  readonly tidying: Tidying;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  readonly settings: TicketSettings;
  /** Whether a resource with one of these tags is made only when somebody asks for it. */
  readonly isOnDemand: (lab: string, tags: readonly string[]) => boolean;
  /** Whether a pool makes resources with all of these tags; its offer may not be in the lab yet. */
  readonly isMade: (lab: string, tags: readonly string[]) => boolean;
  /** Told of each change of a ticket by this process; tells watchers of all changes. */
  readonly changes: Changes<Ticket>;
  /** Those that wait for tickets on this process. */
  readonly listeners: TicketListeners;
  /** Told that a lab has an open ticket. */
  readonly opened: (lab: string) => void;
  /** Told of each ticket that was refused by this process, and waits. */
  readonly refused: (ticket: Ticket) => void;
}

/** Tells everybody that tickets have changed; for after the write. */
export function tellChanged({ changes, listeners }: TicketContext, ids: readonly string[]): void {
  changes.tell(ids);
  for (const id of ids) listeners.wake(id);
}
