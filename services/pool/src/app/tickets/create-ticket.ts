import { madeBefore } from '@berth/documents';
import type { RequestKey } from '@berth/kernel';
import type { Ticket, TicketSpec } from '../../domain/tickets/index.js';
import { settleTicket } from './settle-ticket.js';
import type { TicketContext } from './ticket-context.js';
import { tellChanged } from './ticket-context.js';

/** A ticket to be made. */
export interface NewTicket {
  readonly spec: Omit<TicketSpec, 'priority' | 'isUsual'> & { readonly priority: number | undefined };
  readonly key: RequestKey;
}

const PRIORITY = 50;
/** Nobody else is served by what is made on demand, so it is not made in vain for long. */
const ON_DEMAND_PRIORITY = 60;

/**
 * Makes a ticket and asks for it, so that it waits, or has its lease already. The ticket is stored first: from then on it is
 * asked for also when this process dies. Throws what nothing that is there or could be made is refused with (NO_SUCH_BENCH
 * and others): then there is no ticket. A repeat of a request makes none, and answers with the ticket as it is now.
 */
export async function createTicket(context: TicketContext, request: NewTicket): Promise<Ticket> {
  const { tickets, numbering, clock, failpoint } = context;
  const before = await madeBefore(tickets, request.key);
  const ticket = before?.value ?? (await numbering.add(specOf(context, request.spec), request.key, clock.now()));
  await failpoint('pool.ticketNumbered');
  context.opened(ticket.lab);
  if (ticket.state !== 'OPEN' || ticket.grant !== undefined) return ticket;
  const settled = await settleTicket(context, ticket.leaseRequest, ticket.id, { what: 'nothing' });
  if (settled?.error !== undefined && before === undefined) {
    if (!mayWait(context, ticket, settled.error)) {
      await numbering.withdraw(ticket);
      throw settled.error;
    }
    context.refused(ticket);
  }
  tellChanged(context, [ticket.id]);
  return settled?.ticket ?? ticket;
}

function specOf({ isOnDemand }: TicketContext, { priority, ...spec }: NewTicket['spec']): TicketSpec {
  if (priority !== undefined) return { ...spec, priority };
  const usual = isOnDemand(spec.lab, spec.tags) ? ON_DEMAND_PRIORITY : PRIORITY;
  return { ...spec, priority: usual, isUsual: true };
}

/** Whether a ticket that nothing can serve now waits. A lab that has just begun has no offers yet, or is not even there. */
function mayWait({ settings, isMade }: TicketContext, { lab, tags }: Ticket, error: Error): boolean {
  const reason = 'reason' in error ? error.reason : '';
  if (reason !== 'NO_SUCH_BENCH' && reason !== 'NO_SUCH_LAB') return false;
  return isMade(lab, tags) || (settings.unknownTags === 'wait' && reason === 'NO_SUCH_BENCH');
}
