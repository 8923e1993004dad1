import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { parseNumber } from '../pool/ticket-number.js';
import { ticketView } from '../pool/ticket-view.js';

/** `berth ticket-close`: gives back what a ticket has, or its place. */
export function define(command: Command): void {
  command
    .argument('<ticket>', 'its number', parseNumber)
    .addHelpText('after', '\nClosing a ticket twice is fine.\n\nExamples:\n  berth ticket-close 2')
    .action((number: number, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { ticket } = await berth.pools.closeTicket({ number });
        // As resalloc does, nothing is printed for people.
        if (ticket && out.config.output !== 'table') await out.one(ticketView(ticket), '');
      }),
    );
}
