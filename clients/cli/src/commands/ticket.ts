import { type Command, Option } from 'commander';
import { perform } from '../program/context.js';
import { parseRepeated, parseWhole } from '../program/options.js';
import { ticketView } from '../pool/ticket-view.js';

const HELP = `
The ticket waits without anybody connected, and survives restarts of clients and servers. It has the resource until it is
closed.

Examples:
  id=$(berth ticket --tag random_number)
  data=$(berth ticket-wait "$id")
  berth ticket-close "$id"
  berth ticket --tag x86_64 --tag arch_any --sandbox job-17`;

interface Flags {
  readonly tag: readonly string[];
  readonly sandbox?: string;
  readonly desc?: string;
  readonly priority?: number;
  readonly requestId?: string;
}

/** `berth ticket`: asks for a resource. */
export function define(command: Command): void {
  command
    .addOption(
      new Option('--tag <tag>', 'the resource must have this tag; repeatable')
        .argParser(parseRepeated)
        .makeOptionMandatory(),
    )
    .option('--sandbox <name>', 'use a resource again only within this sandbox (default: it is used once)')
    .option('--desc <text>', 'what it is for')
    .addOption(
      new Option('--priority <n>', '0 to 100, higher first (default 50, 60 for what is made on demand)').argParser(
        parseWhole,
      ),
    )
    .option('--request-id <id>', 'the same id again gives the same ticket')
    .addHelpText('after', HELP)
    .action(({ tag, sandbox, desc, priority, requestId }: Flags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { ticket } = await berth.pools.createTicket({
          tags: [...tag],
          ...(sandbox !== undefined && { sandbox }),
          ...(desc !== undefined && { description: desc }),
          ...(priority !== undefined && { priority }),
          ...(requestId !== undefined && { requestId }),
        });
        if (ticket) await out.one(ticketView(ticket), String(ticket.number), String(ticket.number));
      }),
    );
}
