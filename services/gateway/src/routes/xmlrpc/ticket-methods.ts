import { type Berth, BerthError, Status, type Ticket, TicketState } from '@berth/client';
import { FAULT, XmlRpcFault } from './fault.js';
import type { XmlRpcValue } from './read-call.js';
import type { XmlRpcAnswer } from './write-answer.js';

/** What a method works with. */
export interface MethodContext {
  /** Calls for the caller. */
  readonly berth: Berth;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** A method by its values, which it checks itself. */
export interface TicketMethod {
  readonly call: (context: MethodContext, params: readonly XmlRpcValue[]) => Promise<XmlRpcAnswer>;
  /** True when it waits: it gets a connection of its own, to be hung up. */
  readonly waits: boolean;
}

/** The methods that resalloc's clients call. */
export const TICKET_METHODS: Readonly<Record<string, TicketMethod>> = {
  takeTicket: { call: takeTicket, waits: false },
  collectTicket: { call: collectTicket, waits: false },
  waitTicket: { call: waitTicket, waits: true },
  closeTicket: { call: closeTicket, waits: false },
};

/** `takeTicket(tags[, sandbox])` → the number of a new ticket. */
async function takeTicket({ berth }: MethodContext, params: readonly XmlRpcValue[]): Promise<XmlRpcAnswer> {
  checkCount('takeTicket(tags[, sandbox])', params, 1, 2);
  const [tags, sandbox] = params;
  if (tags?.type !== 'array') throw wrongType('tags', 'an array of strings', tags);
  const names = tags.items.map((tag, i) => {
    if (tag.type === 'string') return tag.value;
    throw wrongType(`tags[${String(i)}]`, 'a string', tag);
  });
  const { ticket } = await berth.pools.createTicket({ tags: names, sandbox: sandboxOf(sandbox) });
  return ticket?.number ?? null;
}

function sandboxOf(sandbox: XmlRpcValue | undefined): string {
  if (sandbox === undefined || sandbox.type === 'nil') return '';
  if (sandbox.type === 'string') return sandbox.value;
  throw wrongType('sandbox', 'a string', sandbox);
}

/** `collectTicket(number)` → what a ticket has now; all nil for one that there is none of. */
async function collectTicket({ berth }: MethodContext, params: readonly XmlRpcValue[]): Promise<XmlRpcAnswer> {
  const number = numberOf('collectTicket', params);
  const ticket = await ticketOf(berth, number);
  if (ticket === undefined) return { ready: null, output: null, closed: null, failed: null };
  return {
    ready: ticket.ready,
    output: ticket.ready ? ticket.data : null,
    closed: ticket.state === TicketState.CLOSED,
    failed: ticket.state === TicketState.FAILED,
  };
}

async function ticketOf(berth: Berth, number: number): Promise<Ticket | undefined> {
  try {
    return (await berth.pools.getTicket({ number })).ticket;
  } catch (error) {
    if (error instanceof BerthError && error.reason === 'NO_SUCH_TICKET') return undefined;
    throw error;
  }
}

/** `waitTicket(number)` → its output, when it is there. */
async function waitTicket({ berth, signal }: MethodContext, params: readonly XmlRpcValue[]): Promise<XmlRpcAnswer> {
  const number = numberOf('waitTicket', params);
  for await (const { ticket } of berth.waitTicket({ number, signal })) {
    if (ticket?.ready === true) return ticket.data;
  }
  throw new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'the server ended the wait without an answer');
}

/** `closeTicket(number)` → nil. Closing twice is fine. */
async function closeTicket({ berth }: MethodContext, params: readonly XmlRpcValue[]): Promise<XmlRpcAnswer> {
  await berth.pools.closeTicket({ number: numberOf('closeTicket', params) });
  return null;
}

function numberOf(method: string, params: readonly XmlRpcValue[]): number {
  checkCount(`${method}(number)`, params, 1, 1);
  const [number] = params;
  if (number?.type === 'int') return number.value;
  throw wrongType('number', 'an int', number);
}

function checkCount(form: string, params: readonly XmlRpcValue[], least: number, most: number): void {
  if (params.length >= least && params.length <= most) return;
  throw new XmlRpcFault(FAULT.WRONG_PARAMS, `${form} was called with ${String(params.length)} values`);
}

function wrongType(what: string, expected: string, got: XmlRpcValue | undefined): XmlRpcFault {
  return new XmlRpcFault(FAULT.WRONG_PARAMS, `${what} must be ${expected}, got ${got?.type ?? 'nothing'}`);
}
