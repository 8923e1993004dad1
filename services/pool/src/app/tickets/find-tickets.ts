import { inChunks } from '@berth/documents';
import type { By } from '@berth/kernel';
import type { Ticket, TicketState } from '../../domain/tickets/index.js';
import type { Found, Where } from '../../ports/collections.js';
import type { TicketContext } from './ticket-context.js';
import { noSuchTicket } from './ticket-errors.js';

/** The ticket with a number, if the caller may see it. Throws NO_SUCH_TICKET. */
export async function getTicket({ tickets }: TicketContext, number: number, by: By): Promise<Ticket> {
  const stored = await tickets.get(String(number));
  if (stored === undefined || !isSeenBy(stored.value, by)) throw noSuchTicket(number);
  return stored.value;
}

/** Whether a caller may see and close a ticket: its own, or for operators any. */
export function isSeenBy({ owner }: Pick<Ticket, 'owner'>, { actor, operator }: By): boolean {
  return operator || owner === actor.name;
}

/** Which tickets; an empty list is any. */
export interface TicketFilter {
  readonly states: readonly TicketState[];
  /** '' = of all that the caller may see. */
  readonly owner: string;
  readonly numbers: readonly number[];
}

/** A page of tickets by number, of those that the caller may see. */
export async function findTickets(
  { tickets }: TicketContext,
  { states, owner, numbers }: TicketFilter,
  by: By,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<Found<Ticket>> {
  const of = by.operator ? owner : by.actor.name;
  const where: Where = {
    ...(numbers.length > 0 && { number: { in: numbers } }),
    ...(states.length > 0 && { state: { in: states } }),
    ...(of !== '' && { owner: of }),
  };
  const query = { where, orderBy: { field: 'number' }, limit: page.limit };
  return tickets.find(page.after === undefined ? query : { ...query, after: page.after });
}

/** The numbers of the tickets that have these leases, by lease. */
export async function ticketsOfLeases(
  { tickets }: Pick<TicketContext, 'tickets'>,
  leaseIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map<string, number>();
  for (const chunk of inChunks(leaseIds)) {
    const { documents } = await tickets.find({ where: { leaseId: { in: chunk } }, limit: chunk.length });
    for (const { value } of documents) if (value.leaseId !== undefined) numbers.set(value.leaseId, value.number);
  }
  return numbers;
}
