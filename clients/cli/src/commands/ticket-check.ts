import type { Command } from 'commander';
import { TicketState } from '@berth/client';
import { perform } from '../program/context.js';
import { EXIT } from '../program/exit-code.js';
import { parseNumber } from '../pool/ticket-number.js';
import { ticketView } from '../pool/ticket-view.js';
import { writeData } from '../pool/write-data.js';

const HELP = `
Exit code 0 only when the ticket is ready and open.

Examples:
  berth ticket-check 2 || echo 'not yet'`;

/** `berth ticket-check`: what a ticket has. */
export function define(command: Command): void {
  command
    .argument('<ticket>', 'its number', parseNumber)
    .addHelpText('after', HELP)
    .action((number: number, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { ticket } = await berth.pools.getTicket({ number });
        if (!ticket) return EXIT.FAILED;
        if (ticket.state === TicketState.CLOSED) out.note('berth: the ticket is closed already');
        else if (ticket.state === TicketState.FAILED) out.note(`berth: the ticket has failed: ${ticket.failure}`);
        else if (!ticket.ready) out.note('berth: the ticket is still not processed');
        if (out.config.output !== 'table') await out.one(ticketView(ticket), '');
        else if (ticket.ready) writeData(ticket.data);
        return ticket.ready && ticket.state === TicketState.OPEN ? EXIT.OK : EXIT.FAILED;
      }),
    );
}
