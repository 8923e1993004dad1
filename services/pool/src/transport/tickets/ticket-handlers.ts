import type { PoolServiceDefinition } from '@berth/proto/berth/pool/v1/pool_service';
import { Ticket as TicketMessage } from '@berth/proto/berth/pool/v1/ticket';
import type { ServiceImplementation } from '@berth/server';
import { byOf, durationOf, itemBytes, storePage } from '@berth/server';
import { closeTicket } from '../../app/tickets/close-ticket.js';
import { createTicket } from '../../app/tickets/create-ticket.js';
import { findTickets, getTicket } from '../../app/tickets/find-tickets.js';
import type { TicketContext } from '../../app/tickets/ticket-context.js';
import { waitForTicket } from '../../app/tickets/wait-for-ticket.js';
import { parseClose, parseNewTicket, parseNumber, parseTicketFilter, parseWait } from './parse-tickets.js';
import { ticketOf } from './ticket-to-proto.js';

export type TicketHandlers = Pick<
  ServiceImplementation<PoolServiceDefinition>,
  'createTicket' | 'getTicket' | 'waitTicket' | 'closeTicket' | 'listTickets'
>;

const ticketBytes = itemBytes(TicketMessage);

/** The methods of PoolService for tickets. */
export function ticketHandlers(context: () => TicketContext): TicketHandlers {
  return {
    async createTicket(request, call) {
      return { ticket: ticketOf(await createTicket(context(), parseNewTicket(request, call.caller)), true) };
    },

    async getTicket(request, call) {
      return { ticket: ticketOf(await getTicket(context(), parseNumber(request), byOf(call)), true) };
    },

    async waitTicket(request, call, out) {
      const { number, waitMs } = parseWait(request);
      const signal = AbortSignal.any([call.signal, call.shutdown]);
      for await (const { ticket, place } of waitForTicket(context(), number, waitMs, byOf(call), signal)) {
        const { position, reason, estimatedWaitMs } = place;
        const estimatedWait = durationOf(estimatedWaitMs);
        if (!(await out.write({ ticket: ticketOf(ticket, true), position, reason, estimatedWait }))) return;
      }
      if (call.shutdown.aborted) throw call.shutdown.reason;
    },

    async closeTicket(request, call) {
      const { number, key } = parseClose(request, call.caller);
      return { ticket: ticketOf(await closeTicket(context(), number, key, byOf(call)), true) };
    },

    async listTickets(request, call) {
      const filter = parseTicketFilter(request);
      const by = byOf(call);
      const { messages, nextPageToken } = await storePage(request, {
        read: (limit, after) => findTickets(context(), filter, by, { after, limit }),
        message: (stored) => ticketOf(stored.value, false),
        bytes: ticketBytes,
        scope: ['ListTickets', filter, by],
      });
      return { tickets: messages, nextPageToken };
    },
  };
}
