import type { Grant, Seen, Ticket } from '../domain/tickets/index.js';

/** Where a waiting request stands. */
export interface PlaceInQueue {
  /** 1 = next. */
  readonly position: number;
  /** Why it waits, for people. */
  readonly reason: string;
  readonly estimatedWaitMs?: number;
}

/** What came of asking for a ticket. */
export type Asked =
  | { readonly what: 'waits'; readonly place: PlaceInQueue }
  | { readonly what: 'holds'; readonly leaseId: string; readonly grant: Grant }
  /** Nothing that is there or could be made is like that, now; `error` says so to callers. */
  | { readonly what: 'refused'; readonly why: string; readonly error: Error }
  | { readonly what: 'ended'; readonly why: string };

/** Requests of tickets in a lab, by their ids. */
export type SeenRequests = ReadonlyMap<string, Seen & { readonly what: 'waits' | 'holds' }>;

/** What changed in a lab, as far as tickets are concerned. */
export type TicketNews =
  /** Everything there is; the changes after it follow. */
  | { readonly kind: 'snapshot'; readonly requests: SeenRequests }
  | { readonly kind: 'change'; readonly leaseRequest: string; readonly seen: Seen }
  /** What could serve requests has changed. */
  | { readonly kind: 'supply' };

/**
 * The requests of tickets at the lease service, each made for its ticket's owner. Calls reject with STORE_UNAVAILABLE while
 * that service is away.
 */
export interface TicketRequests {
  /** Asks for a ticket; by the same ticket again, tells what became of it. The place needs no connection. */
  ask(ticket: Ticket): Promise<Asked>;
  /** What a lease gives to its ticket; undefined when the lease is not in force, or is somebody else's by now. */
  grantOf(ticket: Ticket, leaseId: string): Promise<Grant | undefined>;
  /** Takes the request out of the queue, or releases its lease; OK when neither is there. */
  giveBack(ticket: Ticket): Promise<void>;
  /** Tells what becomes of the requests of tickets, a snapshot first, until the signal aborts. Rejects when it breaks. */
  watch(lab: string, signal: AbortSignal): AsyncGenerator<readonly TicketNews[], void, undefined>;
}
