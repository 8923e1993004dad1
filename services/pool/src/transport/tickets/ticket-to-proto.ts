import type { Ticket as TicketMessage } from '@berth/proto/berth/pool/v1/ticket';
import { TicketState } from '@berth/proto/berth/pool/v1/ticket';
import { dateOf } from '@berth/server';
import type { Ticket } from '../../domain/tickets/index.js';
import { isReady } from '../../domain/tickets/index.js';

/** A ticket as it is told; lists have no data. */
export function ticketOf(ticket: Ticket, withData: boolean): TicketMessage {
  const { number, owner, lab, tags, sandbox, description, priority, state, grant, failure = '' } = ticket;
  return {
    number,
    owner,
    lab,
    tags: [...tags],
    sandbox,
    description,
    priority,
    state: TicketState[state],
    ready: isReady(ticket),
    resource: grant?.resource ?? '',
    data: Buffer.from(withData ? (grant?.data ?? '') : '', 'base64'),
    leaseId: grant?.leaseId ?? '',
    fencingToken: grant?.fencingToken ?? 0,
    failure,
    createTime: new Date(ticket.createMs),
    readyTime: dateOf(ticket.readyMs),
    endTime: dateOf(ticket.endMs),
    updateTime: new Date(ticket.updateMs),
  };
}
