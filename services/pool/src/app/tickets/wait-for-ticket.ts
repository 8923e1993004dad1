import type { By } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Ticket } from '../../domain/tickets/index.js';
import type { PlaceInQueue } from '../../ports/ticket-requests.js';
import { getTicket } from './find-tickets.js';
import { settleTicket } from './settle-ticket.js';
import type { TicketContext } from './ticket-context.js';
import { ticketEnded, waitedInVain } from './ticket-errors.js';

/** What is told to one that waits; a ticket that is ready is the last. */
export interface WaitNews {
  readonly ticket: Ticket;
  readonly place: PlaceInQueue;
}

/** How often a place is looked at; a change of the ticket itself is told as it comes. */
const LOOK_MS = 1000;
/** Each look is a call to the lease service; with many that wait, all of them together make so many a second. */
const LOOKS_A_SECOND = 50;
const NOWHERE: PlaceInQueue = { position: 0, reason: '' };

/**
 * Tells where a ticket stands when that changes, then the ticket with what it has. One that was closed after it was ready
 * tells that again. Ends when the signal aborts. Throws TICKET_ENDED for one that failed or was closed before, NO_SUCH_TICKET,
 * and WAIT_TIMEOUT after `waitMs`: the ticket stays.
 */
export async function* waitForTicket(
  context: TicketContext,
  number: number,
  waitMs: number | undefined,
  by: By,
  signal: AbortSignal,
): AsyncGenerator<WaitNews, void, undefined> {
  const { clock, listeners } = context;
  const endMs = clock.monotonic() + (waitMs ?? Infinity);
  const listener = listeners.listen(String(number));
  let told: string | undefined;
  try {
    while (!signal.aborted) {
      // Also when it is closed while it is asked for.
      const { ticket, place } = await look(context, await getTicket(context, number, by));
      const isOver = ticket.state !== 'OPEN';
      if (ticket.failure !== undefined || (isOver && ticket.grant === undefined)) throw ticketEnded(ticket);
      const text = JSON.stringify(place);
      if (ticket.grant !== undefined || text !== told) yield { ticket, place };
      if (ticket.grant !== undefined) return;
      told = text;
      const leftMs = endMs - clock.monotonic();
      if (leftMs <= 0) throw waitedInVain(ticket);
      await listener.change(Math.min(leftMs, Math.max(LOOK_MS, (listeners.count * 1000) / LOOKS_A_SECOND)), signal);
    }
  } finally {
    listener.close();
  }
}

/** The ticket as it is now, and its place while it waits. */
async function look(context: TicketContext, ticket: Ticket): Promise<WaitNews> {
  if (ticket.state !== 'OPEN' || ticket.grant !== undefined) return { ticket, place: NOWHERE };
  try {
    const settled = await settleTicket(context, ticket.leaseRequest, ticket.id, { what: 'nothing' });
    if (settled === undefined) return { ticket, place: NOWHERE };
    const { seen, place = NOWHERE } = settled;
    return { ticket: settled.ticket, place: seen.what === 'refused' ? { ...NOWHERE, reason: seen.why } : place };
  } catch (error) {
    if (!(error instanceof BerthError && error.kind === 'unavailable')) throw error;
    return { ticket, place: { ...NOWHERE, reason: error.message } };
  }
}
