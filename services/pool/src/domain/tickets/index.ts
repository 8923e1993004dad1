export type { Seen } from './next-step.js';
export { nextStep } from './next-step.js';
export type { Grant, Ticket, TicketSpec, TicketState } from './ticket.js';
export { close, fail, isReady, makeReady, newTicket, numberOfRequest, tidy, TICKET_STATES } from './ticket.js';
