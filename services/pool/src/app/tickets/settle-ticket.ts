import { carryOutOne } from '@berth/documents';
import type { Grant, Seen, Ticket } from '../../domain/tickets/index.js';
import { fail, makeReady, nextStep } from '../../domain/tickets/index.js';
import type { PlaceInQueue } from '../../ports/ticket-requests.js';
import type { TicketContext } from './ticket-context.js';
import { tellChanged } from './ticket-context.js';
import { noSuchTicket } from './ticket-errors.js';

/** What has become of a ticket, and what the lease service had of it last. */
export interface Settled {
  readonly ticket: Ticket;
  readonly seen: Seen;
  /** Where it stands, when it was asked for and waits. */
  readonly place?: PlaceInQueue;
  /** What it was refused with, when it was asked for and refused. */
  readonly error?: Error;
}

/** A ticket takes at most four steps: ask, make ready, find that it is closed, give back. */
const MOST_STEPS = 8;

/**
 * Brings what is stored of a ticket and what the lease service has of it together, step by step (see `nextStep`); `seen` is
 * what was seen there last. Each step is stored before the next one and can be repeated, so wherever the process dies, and
 * if several do it at once, doing it again gives the same. Undefined when there is no such ticket. Throws STORE_UNAVAILABLE.
 */
export async function settleTicket(
  context: TicketContext,
  leaseRequest: string,
  id: string,
  seen: Seen,
): Promise<Settled | undefined> {
  const { tickets, requests } = context;
  let found = seen;
  let known: { readonly grant?: Grant; readonly place?: PlaceInQueue; readonly error?: Error } = {};
  let asked: Ticket | undefined;
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const ticket = (await tickets.get(id))?.value;
    if (ticket?.leaseRequest !== leaseRequest) {
      // Withdrawn while it was asked for.
      if (asked !== undefined) await requests.giveBack(asked);
      return undefined;
    }
    const step = nextStep(ticket, found);
    switch (step.do) {
      case 'nothing': {
        const { place, error } = known;
        return { ticket, seen: found, ...(place && { place }), ...(error && { error }) };
      }
      case 'ask': {
        asked = ticket;
        const answer = await requests.ask(ticket);
        known = answer.what === 'ended' ? {} : answer;
        found = answer;
        break;
      }
      case 'make-ready': {
        const { grant = await requests.grantOf(ticket, step.leaseId) } = known;
        // Over already: the same request tells in what way.
        if (grant === undefined) found = { what: 'nothing' };
        else await change(context, id, (value, nowMs) => makeReady(value, grant, nowMs));
        break;
      }
      case 'fail': {
        const why = await whyLost(context, ticket, found, step.why);
        // What was seen is older than what is stored.
        if (why === undefined) return { ticket, seen: { what: 'holds', leaseId: ticket.grant?.leaseId ?? '' } };
        await change(context, id, (value, nowMs) => fail(value, why, nowMs));
        break;
      }
      case 'give-back':
        await giveBack(context, ticket);
        found = { what: 'nothing' };
    }
  }
  throw new Error(`ticket ${id} does not come to rest`);
}

/** Gives back what a ticket that is over may still have, and has that noted. */
export async function giveBack(context: TicketContext, ticket: Ticket): Promise<void> {
  await context.requests.giveBack(ticket);
  context.tidying.note(ticket.id);
}

/** Why a ticket has failed; undefined when it has its lease all the same: a list can be older than the grant. */
async function whyLost(
  { requests }: TicketContext,
  ticket: Ticket,
  seen: Seen,
  why: string,
): Promise<string | undefined> {
  if (ticket.grant === undefined || seen.what === 'ended') return why;
  return (await requests.grantOf(ticket, ticket.grant.leaseId)) === undefined ? why : undefined;
}

/** Changes a ticket by compare-and-swap, and tells of it once it is stored. */
async function change(
  context: TicketContext,
  id: string,
  plan: (ticket: Ticket, nowMs: number) => Ticket | undefined,
): Promise<void> {
  const { tickets, clock, settings, failpoint } = context;
  const command = {
    id,
    key: { id: '', fingerprint: '' },
    plan: ({ value }: { readonly value: Ticket }) => plan(value, clock.now()),
  };
  const options = { nowMs: clock.now(), keepAnswersMs: settings.requestIdTtlMs, notFound: noSuchTicket };
  await carryOutOne(tickets, command, options);
  await failpoint('pool.ticketStored');
  tellChanged(context, [id]);
}
