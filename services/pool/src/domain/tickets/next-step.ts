import type { Ticket } from './ticket.js';

/** What the lease service has of a ticket's request. */
export type Seen =
  /** It waits in the queue. */
  | { readonly what: 'waits' }
  /** The request's owner holds this lease by it. */
  | { readonly what: 'holds'; readonly leaseId: string }
  /** It cannot be met by anything that is there or could be made. */
  | { readonly what: 'refused'; readonly why: string }
  /** It, or its lease, has ended, and gets nothing any more. */
  | { readonly what: 'ended'; readonly why: string }
  /** Not there, for whatever cause: never asked, ended, or lost with the store. */
  | { readonly what: 'nothing' };

/** What is to be done about a ticket. */
type Step =
  | { readonly do: 'nothing' }
  /** Ask for it, by the same request id: what that finds is the next thing that is seen. */
  | { readonly do: 'ask' }
  /** Store that it has this lease. */
  | { readonly do: 'make-ready'; readonly leaseId: string }
  | { readonly do: 'fail'; readonly why: string }
  /** Cancel what waits, release what is held. */
  | { readonly do: 'give-back' };

const LOST = 'its lease is gone';
const NOTHING: Step = { do: 'nothing' };

/**
 * The next step for a ticket, from what is stored of it and what the lease service has of it: after a crash, after a loss of
 * the lease service's store, and whenever something changes there. A ticket that was ready never gets another lease.
 */
export function nextStep(ticket: Pick<Ticket, 'state' | 'grant'>, seen: Seen): Step {
  const isThere = seen.what === 'waits' || seen.what === 'holds';
  if (ticket.state !== 'OPEN') return isThere ? { do: 'give-back' } : NOTHING;
  if (ticket.grant !== undefined) {
    if (seen.what === 'holds' && seen.leaseId === ticket.grant.leaseId) return NOTHING;
    return { do: 'fail', why: seen.what === 'ended' ? seen.why : LOST };
  }
  switch (seen.what) {
    case 'holds':
      return { do: 'make-ready', leaseId: seen.leaseId };
    case 'ended':
      return { do: 'fail', why: seen.why };
    case 'nothing':
      return { do: 'ask' };
    default:
      return NOTHING;
  }
}
