import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { allTickets } from '../program/paging.js';
import { ticketLine, ticketView } from '../pool/ticket-view.js';

const HELP = `
Yours; operators see those of everybody.

Examples:
  berth ticket-list
  berth ticket-list -q           # numbers only
  berth ticket-list --owner ci`;

/** `berth ticket-list`: the tickets that are not closed. */
export function define(command: Command): void {
  command
    .option('--owner <name>', "only this owner's (operators)")
    .addHelpText('after', HELP)
    .action((flags: { readonly owner?: string }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const tickets = await allTickets(berth, flags);
        await out.lines(tickets, {
          text: ticketLine,
          view: ticketView,
          id: ({ number }) => String(number),
          empty: 'no ticket is open',
        });
      }),
    );
}
