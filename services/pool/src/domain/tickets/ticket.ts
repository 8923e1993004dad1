import type { KeepsAnswers } from '@berth/kernel';

export const TICKET_STATES = ['OPEN', 'CLOSED', 'FAILED'] as const;

/**
 * - OPEN: it waits, or is ready: has a lease.
 * - CLOSED: somebody closed it; what it had is given back.
 * - FAILED: its lease ended otherwise than by closing it, or its request did. It can be closed.
 */
export type TicketState = (typeof TICKET_STATES)[number];

/** What a ticket asks for. */
export interface TicketSpec {
  readonly owner: string;
  /** The role of its owner; asked with again, whoever asks. */
  readonly role: string;
  /** The team of its owner; asked with as well. */
  readonly team?: string;
  readonly lab: string;
  readonly tags: readonly string[];
  /** '' = none. */
  readonly sandbox: string;
  readonly description: string;
  readonly priority: number;
  /**
   * The service chose the priority: it is asked for as far as the owner's role may. Not in documents of versions that asked
   * for it in the role of an operator.
   */
  readonly isUsual?: true;
}

/** What a ticket has, or had. */
export interface Grant {
  readonly leaseId: string;
  readonly fencingToken: number;
  /** The name of its resource. */
  readonly resource: string;
  /** What `cmd_new` of it printed, in base64. */
  readonly data: string;
}

/** A request for a resource under a small number; a document. Times are milliseconds since the epoch. */
export interface Ticket extends TicketSpec, KeepsAnswers {
  /** Its number, in digits. */
  readonly id: string;
  readonly number: number;
  /** The id of its request at the lease service. */
  readonly leaseRequest: string;
  readonly state: TicketState;
  /** Absent before it is ready; stays when it is over. */
  readonly grant?: Grant;
  readonly readyMs?: number;
  /** Why it failed. */
  readonly failure?: string;
  readonly createMs: number;
  readonly endMs?: number;
  readonly updateMs: number;
  /** The CreateTicket that made it. */
  readonly request?: string;
  readonly fingerprint?: string;
  /** The lab, while it is OPEN. */
  readonly openLab?: string;
  /** The lab, while it is CLOSED and the lease service may still have something of it. */
  readonly untidyLab?: string;
  /** The lease, while it has one. */
  readonly leaseId?: string;
}

export function newTicket(spec: TicketSpec, number: number, salt: string, nowMs: number): Ticket {
  const openLab = spec.lab;
  const leaseRequest = `ticket-${number}-${salt}`;
  return {
    id: String(number),
    number,
    leaseRequest,
    ...spec,
    state: 'OPEN',
    createMs: nowMs,
    updateMs: nowMs,
    openLab,
  };
}

/** The number of the ticket whose request at the lease service is this; undefined when it is none of a ticket. */
export function numberOfRequest(leaseRequest: string): number | undefined {
  const [, number] = /^ticket-([1-9][0-9]{0,14})-[0-9a-z]+$/.exec(leaseRequest) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Whether it has its lease, or had it. */
export function isReady({ grant }: Pick<Ticket, 'grant'>): boolean {
  return grant !== undefined;
}

/** The ticket with its lease; undefined when nothing changes: it has one, or is over. */
export function makeReady(ticket: Ticket, grant: Grant, nowMs: number): Ticket | undefined {
  if (ticket.state !== 'OPEN' || ticket.grant !== undefined) return undefined;
  return { ...ticket, grant, leaseId: grant.leaseId, readyMs: nowMs, updateMs: nowMs };
}

/** The ticket once its lease or request has ended; undefined when nothing changes: it is over. */
export function fail(ticket: Ticket, failure: string, nowMs: number): Ticket | undefined {
  if (ticket.state !== 'OPEN') return undefined;
  const { openLab: _1, leaseId: _2, ...rest } = ticket;
  return { ...rest, state: 'FAILED', failure, endMs: nowMs, updateMs: nowMs };
}

/** The closed ticket; undefined when it is closed already. */
export function close(ticket: Ticket, nowMs: number): Ticket | undefined {
  if (ticket.state === 'CLOSED') return undefined;
  const { openLab, leaseId: _, ...rest } = ticket;
  // Of a failed one nothing is left to be given back.
  const untidy = openLab === undefined ? {} : { untidyLab: openLab };
  return { ...untidy, ...rest, state: 'CLOSED', endMs: ticket.endMs ?? nowMs, updateMs: nowMs };
}

/** The closed ticket once the lease service has nothing of it any more; undefined when nothing changes. */
export function tidy(ticket: Ticket): Ticket | undefined {
  const { untidyLab, ...rest } = ticket;
  return untidyLab === undefined ? undefined : rest;
}
