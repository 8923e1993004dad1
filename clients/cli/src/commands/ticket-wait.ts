import { durationToMs, type WaitTicketResponse } from '@berth/client';
import { spanText } from '@berth/views';
import { type Command, Option } from 'commander';
import { type Context, perform } from '../program/context.js';
import { parseSpan } from '../program/options.js';
import { parseNumber } from '../pool/ticket-number.js';
import { ticketView } from '../pool/ticket-view.js';
import { writeData } from '../pool/write-data.js';

const HELP = `
Prints what the resource's cmd_new printed. Exit code 1 when the ticket failed, was closed before it was ready or is not
there, 75 when it was waited for in vain: then it keeps its place.

Examples:
  berth ticket-wait 2
  berth ticket-wait 2 --wait 30m`;

/** `berth ticket-wait`: waits until a ticket is ready. */
export function define(command: Command): void {
  command
    .argument('<ticket>', 'its number', parseNumber)
    .addOption(new Option('--wait <span>', 'how long to wait, such as 30m (default: for ever)').argParser(parseSpan))
    .addHelpText('after', HELP)
    .action((number: number, { wait }: { readonly wait?: number }, self: Command) =>
      perform(self, (context) => waitFor(context, number, wait)),
    );
}

async function waitFor({ berth, out, interrupted }: Context, number: number, wait?: number): Promise<void> {
  const options = {
    number,
    signal: interrupted,
    ...(wait !== undefined && { wait }),
    onReconnecting: ({ message }: Error) => {
      out.note(`berth: the connection broke and is made again (${message}); the ticket keeps its place`);
    },
  };
  for await (const news of berth.waitTicket(options)) {
    const { ticket } = news;
    if (ticket?.ready !== true) out.note(`berth: ${placeText(number, news)}`);
    else if (out.config.output === 'table') writeData(ticket.data);
    else await out.one(ticketView(ticket), '');
  }
}

function placeText(number: number, { position, reason, estimatedWait }: WaitTicketResponse): string {
  const parts = [
    `ticket ${String(number)} waits`,
    position > 0 ? `place ${String(position)}` : '',
    reason,
    estimatedWait ? `about ${spanText(durationToMs(estimatedWait))}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
