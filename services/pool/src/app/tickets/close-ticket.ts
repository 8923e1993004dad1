import { carryOutOne } from '@berth/documents';
import type { By, RequestKey } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Ticket } from '../../domain/tickets/index.js';
import { close } from '../../domain/tickets/index.js';
import { isSeenBy } from './find-tickets.js';
import { giveBack } from './settle-ticket.js';
import type { TicketContext } from './ticket-context.js';
import { tellChanged } from './ticket-context.js';
import { noSuchTicket } from './ticket-errors.js';

/**
 * Closes a ticket and gives back what it has; one that is closed already is OK. The end is stored first: what cannot be
 * given back now, since the lease service is away, is given back later. Throws NO_SUCH_TICKET.
 */
export async function closeTicket(context: TicketContext, number: number, key: RequestKey, by: By): Promise<Ticket> {
  const { tickets, clock, settings, failpoint, logger } = context;
  const id = String(number);
  const nowMs = clock.now();
  const plan = ({ value }: { readonly value: Ticket }): Ticket | undefined => {
    if (!isSeenBy(value, by)) throw noSuchTicket(number);
    return close(value, clock.now());
  };
  const options = { nowMs, keepAnswersMs: settings.requestIdTtlMs, notFound: noSuchTicket };
  const { value: ticket } = await carryOutOne(tickets, { id, key, plan }, options);
  await failpoint('pool.ticketClosed');
  tellChanged(context, [id]);
  if (ticket.untidyLab === undefined) return ticket;
  try {
    await giveBack(context, ticket);
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    logger.warn({ err: error, ticket: number }, 'what a closed ticket has could not be given back; trying again later');
  }
  return ticket;
}
