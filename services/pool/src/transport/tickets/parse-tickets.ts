import type {
  CloseTicketRequest,
  ListTicketsRequest,
  WaitTicketRequest,
} from '@berth/proto/berth/pool/v1/pool_service';
import { CreateTicketRequest, CloseTicketRequest as CloseMessage } from '@berth/proto/berth/pool/v1/pool_service';
import { TicketState as StateMessage } from '@berth/proto/berth/pool/v1/ticket';
import type { RequestKey } from '@berth/kernel';
import type { Caller, DurationLimits, Faults } from '@berth/server';
import {
  attributeNameFault,
  DAY_MS,
  labFault,
  lineFault,
  MAX_NAME,
  parseDuration,
  parseRequest,
  proseFault,
  requestKey,
} from '@berth/server';
import type { NewTicket } from '../../app/tickets/create-ticket.js';
import type { TicketFilter } from '../../app/tickets/find-tickets.js';
import type { TicketState } from '../../domain/tickets/index.js';
import { TICKET_STATES } from '../../domain/tickets/index.js';

const MOST_TAGS = 64;
const MOST_NUMBERS = 1000;
const DEFAULT_LAB = 'default';
const WAIT_LIMITS: DurationLimits = { minMs: 0, maxMs: 3650 * DAY_MS, instead: '; leave it out to wait for ever' };

/** A ticket to be made. Throws INVALID_FIELD with every fault. */
export function parseNewTicket(message: CreateTicketRequest, caller: Caller): NewTicket {
  const { lab, tags, sandbox, description, priority } = message;
  parseRequest(message, (faults) => {
    if (lab !== '') faults.check('lab', labFault(lab));
    checkTags(tags, faults);
    faults.check('sandbox', lineFault(sandbox, MAX_NAME));
    faults.check('description', proseFault(description));
    if (priority !== undefined && !(priority >= 0 && priority <= 100))
      faults.add('priority', `is ${priority}; allowed are 0 to 100, higher goes first`);
  });
  const { name: owner, role, team } = caller;
  const who = { owner, role, ...(team !== undefined && { team }) };
  const spec = { ...who, lab: lab === '' ? DEFAULT_LAB : lab, tags, sandbox, description, priority };
  return { spec, key: requestKey('CreateTicket', CreateTicketRequest, message, caller) };
}

function checkTags(tags: readonly string[], faults: Faults): void {
  if (tags.length === 0) faults.add('tags', 'is required: name at least one tag that the resource must have');
  if (tags.length > MOST_TAGS) faults.add('tags', `has ${tags.length} tags; at most ${MOST_TAGS} are allowed`);
  for (const [i, tag] of tags.entries()) faults.check(`tags[${i}]`, attributeNameFault(tag));
}

/** The number of a ticket. Throws INVALID_FIELD. */
export function parseNumber(message: { readonly number: number; readonly requestId?: string }): number {
  return parseRequest(message, (faults) => {
    checkNumber(message.number, 'number', faults);
    return message.number;
  });
}

function checkNumber(number: number, field: string, faults: Faults): void {
  if (number < 1) faults.add(field, `is ${number}; tickets are numbered from 1`);
}

/** The ticket to close. Throws INVALID_FIELD. */
export function parseClose(message: CloseTicketRequest, caller: Caller): { number: number; key: RequestKey } {
  return { number: parseNumber(message), key: requestKey('CloseTicket', CloseMessage, message, caller) };
}

/** The ticket to wait for, and for how long; absent = for ever. Throws INVALID_FIELD. */
export function parseWait(message: WaitTicketRequest): { number: number; waitMs: number | undefined } {
  return parseRequest(message, (faults) => {
    checkNumber(message.number, 'number', faults);
    return { number: message.number, waitMs: parseDuration(message.wait, 'wait', WAIT_LIMITS, faults) };
  });
}

/** Which tickets to list. Throws INVALID_FIELD. */
export function parseTicketFilter(message: ListTicketsRequest): TicketFilter {
  const { owner, numbers } = message;
  return parseRequest(message, (faults) => {
    faults.check('owner', lineFault(owner, MAX_NAME));
    if (numbers.length > MOST_NUMBERS) faults.add('numbers', `has ${numbers.length} numbers; at most ${MOST_NUMBERS}`);
    for (const [i, number] of numbers.entries()) checkNumber(number, `numbers[${i}]`, faults);
    const states = message.states.flatMap((state, i) => parseState(state, `states[${i}]`, faults) ?? []);
    const all: readonly TicketState[] = numbers.length > 0 ? [] : ['OPEN', 'FAILED'];
    return { owner, numbers, states: message.states.length > 0 ? states : all };
  });
}

function parseState(state: StateMessage, field: string, faults: Faults): TicketState | undefined {
  const name = TICKET_STATES.find((known) => StateMessage[known] === state);
  if (name === undefined) faults.add(field, `is ${state}; allowed are 1 (OPEN), 2 (CLOSED) and 3 (FAILED)`);
  return name;
}
