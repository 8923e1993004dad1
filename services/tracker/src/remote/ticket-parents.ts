import type { Berth } from '@berth/client';
import { inChunks } from '@berth/documents';
import type { LookedUp, ParentCheck } from '../ports/parent-check.js';

/** What allocations name as their parent when a ticket keeps them alive: `ticket/<number>`. */
const TICKET = /^ticket\/([1-9][0-9]{0,14})$/;
const CALL = { timeoutMs: 10_000, retry: false };

/** Asks the pool service which tickets are open. `connected` gives a client of that, as an operator: it sees all tickets. */
export function ticketParents(connected: () => Promise<Berth>): ParentCheck {
  return {
    look: async (parents): Promise<LookedUp> => {
      const numbers = parents.flatMap((parent) => TICKET.exec(parent)?.[1] ?? []);
      const gone = new Set(numbers);
      if (numbers.length > 0) {
        const [{ pools }, { TicketState }] = [await connected(), await import('@berth/client')];
        for (const chunk of inChunks(numbers)) {
          const request = { numbers: chunk.map(Number), states: [TicketState.OPEN], pageSize: chunk.length };
          for (let pageToken = ''; ;) {
            // The list begins after the parents were read: a ticket that is not in it has ended, or never was.
            const { tickets, nextPageToken } = await pools.listTickets({ ...request, pageToken }, CALL);
            for (const { number } of tickets) gone.delete(String(number));
            if (nextPageToken === '') break;
            pageToken = nextPageToken;
          }
        }
      }
      return { gone: new Set([...gone].map((number) => `ticket/${number}`)), unknown: new Set() };
    },
  };
}
