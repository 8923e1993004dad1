import type { IndexSpec } from '@berth/storage';
import type { Ticket } from '../domain/tickets/index.js';
import type { Collection, CollectionStore, NextNumber } from '../ports/collections.js';
import { NUMBERS } from '../ports/collections.js';

/** Indexes of tickets. Those with a field that is there only for a while stay small: what is over leaves them. */
const INDEXES: readonly IndexSpec[] = [
  { name: 'request', fields: ['request'], unique: true },
  { name: 'answered', fields: ['answeredIds'], unique: true },
  { name: 'number', fields: ['number'] },
  { name: 'state_number', fields: ['state', 'number'] },
  { name: 'owner_state_number', fields: ['owner', 'state', 'number'] },
  { name: 'open', fields: ['openLab', 'number'] },
  { name: 'untidy', fields: ['untidyLab', 'number'] },
  { name: 'lease', fields: ['leaseId'] },
  { name: 'state_ended', fields: ['state', 'endMs'] },
  { name: 'updated', fields: ['updateMs'] },
];

/** The documents of tickets. */
export interface TicketCollections {
  readonly tickets: Collection<Ticket>;
  readonly numbers: Collection<NextNumber>;
}

/** Opens the collections of tickets, making what is not there yet. */
export async function openTickets(store: CollectionStore): Promise<TicketCollections> {
  return {
    tickets: await store.collection({ name: 'pool_tickets', indexes: INDEXES }),
    numbers: await store.collection({ name: NUMBERS, indexes: [] }),
  };
}
