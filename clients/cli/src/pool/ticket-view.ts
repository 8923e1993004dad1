import { type Ticket, TicketState } from '@berth/client';

/** The names of states, as resalloc writes them. */
export function ticketState({ state }: Pick<Ticket, 'state'>): string {
  return TicketState[state] || 'UNKNOWN';
}

/** A ticket as resalloc lists it. */
export function ticketLine(ticket: Ticket): string {
  const { number, tags, resource } = ticket;
  const line = `${String(number)} - state=${ticketState(ticket)} tags=${tags.join(',')}`;
  return resource === '' ? line : `${line} resource=${resource}`;
}

/** A ticket as `-o json` and `-o yaml` show it. */
export function ticketView(ticket: Ticket) {
  const { number, owner, lab, tags, sandbox, description, priority, ready, resource, data, leaseId } = ticket;
  return {
    number,
    owner,
    lab,
    tags,
    sandbox: sandbox || undefined,
    description: description || undefined,
    priority,
    state: ticketState(ticket),
    ready,
    resource: resource || undefined,
    data: data.length > 0 ? data.toString() : undefined,
    lease: leaseId || undefined,
    fencingToken: ticket.fencingToken || undefined,
    failure: ticket.failure || undefined,
    createTime: ticket.createTime,
    readyTime: ticket.readyTime,
    endTime: ticket.endTime,
  };
}
