import { BerthError } from '@berth/kernel';
import type { Ticket } from '../../domain/tickets/index.js';

/** What a ticket that is not there, or is another caller's, is answered with. */
export function noSuchTicket(number: number | string): BerthError {
  return new BerthError(
    'NO_SUCH_TICKET',
    `there is no ticket ${number} of yours: it never was, or is over for so long that it is forgotten. List yours: berth ticket-list.`,
    { resource: { type: 'berth.dev/Ticket', name: String(number) } },
  );
}

/** What waiting for a ticket that is over is answered with. */
export function ticketEnded({ number, owner, state, failure }: Ticket): BerthError {
  const how = failure === undefined ? 'was closed before it was ready' : `failed: ${failure}`;
  const description = `ticket ${number} ${how}`;
  return new BerthError('TICKET_ENDED', `${description}. Ask again: berth ticket.`, {
    resource: { type: 'berth.dev/Ticket', name: String(number), owner },
    preconditions: [{ type: state, subject: `ticket/${number}`, description }],
    metadata: { state },
  });
}

/** What a caller that waited for long enough is told; the ticket stays. */
export function waitedInVain({ number }: Ticket): BerthError {
  return new BerthError(
    'WAIT_TIMEOUT',
    `ticket ${number} is not ready yet. It keeps its place: wait again, or close it.`,
    { metadata: { ticket: String(number) } },
  );
}
