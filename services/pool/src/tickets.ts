import type { Berth } from '@berth/client';
import { Changes } from '@berth/documents';
import type { Clock, Failpoint, Logger } from '@berth/kernel';
import type { CollectionStore, Locks } from '@berth/storage';
import { ticketsOfLeases } from './app/tickets/find-tickets.js';
import { Numbering } from './app/tickets/numbering.js';
import type { TicketContext, TicketSettings } from './app/tickets/ticket-context.js';
import { TicketListeners } from './app/tickets/ticket-listeners.js';
import { Tidying } from './app/tickets/tidying.js';
import { TicketWorker } from './app/tickets/ticket-worker.js';
import type { Ticket } from './domain/tickets/index.js';
import { ticketRequests } from './remote/ticket-requests.js';
import { openTickets } from './store/open-tickets.js';
import type { TicketHandlers } from './transport/tickets/ticket-handlers.js';
import { ticketHandlers } from './transport/tickets/ticket-handlers.js';

export interface TicketsDeps {
  readonly store: CollectionStore;
  /** Elects the one process that follows the tickets' requests. */
  readonly locks: Locks;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  /** A client of the lease service. Tickets are asked for in the names of their owners. */
  readonly lease: () => Promise<Berth>;
  readonly settings: TicketSettings;
  readonly isOnDemand: TicketContext['isOnDemand'];
  readonly isMade: TicketContext['isMade'];
}

/** The tickets of the pool service. */
export interface Tickets {
  readonly handlers: TicketHandlers;
  /** Opens the collections. Throws STORE_UNAVAILABLE. */
  open(): Promise<void>;
  /** Begins to follow what becomes of tickets: once the lease service, perhaps in this process, can be reached. */
  startFollowing(): void;
  stopFollowing(): Promise<void>;
  /** Tickets as they change; once it is open. */
  changes(): Changes<Ticket>;
  /** The numbers of the tickets that have these leases, by lease. */
  ofLeases(leaseIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export function createTickets(deps: TicketsDeps): Tickets {
  const { store, locks, clock, logger, failpoint, settings, isOnDemand, isMade } = deps;
  let opened: TicketContext | undefined;
  const context = (): TicketContext => {
    if (opened === undefined) throw new Error('tickets are used before they are open');
    return opened;
  };
  const worker = new TicketWorker(context, locks, clock);
  return {
    handlers: ticketHandlers(context),
    open: async () => {
      const { tickets, numbers } = await openTickets(store);
      const changes = new Changes(tickets, clock);
      opened = {
        tickets,
        numbering: new Numbering({ store, tickets, numbers }),
        requests: ticketRequests(deps.lease),
        tidying: new Tidying({ tickets, clock, logger, requestIdTtlMs: settings.requestIdTtlMs }),
        clock,
        logger,
        failpoint,
        settings,
        isOnDemand,
        isMade,
        changes,
        listeners: new TicketListeners(clock, (signal) => changes.watch(undefined, signal)),
        opened: (lab) => {
          worker.opened(lab);
        },
        refused: (ticket) => {
          worker.refused(ticket);
        },
      };
    },
    startFollowing: () => {
      worker.start();
    },
    stopFollowing: async () => {
      await worker.stop();
      await opened?.tidying.stop();
    },
    changes: () => context().changes,
    ofLeases: (leaseIds) => ticketsOfLeases(context(), leaseIds),
  };
}
