import { type Command, Option } from 'commander';
import { perform } from '../program/context.js';
import { parseNumbers } from '../pool/ticket-number.js';

const HELP = `
A lease on a resource ends, and its holder is told why. The commands run after this call.

Examples:
  berth resource-delete 2 3 --reason 'the network is gone'
  berth resource-delete --unused
  berth resource-delete --all`;

interface Flags {
  readonly all?: boolean;
  readonly unused?: boolean;
  readonly reason?: string;
}

/** `berth resource-delete`: has resources deleted. */
export function define(command: Command): void {
  command
    .argument('[resources...]', 'their numbers', parseNumbers)
    .addOption(new Option('--all', 'all resources').conflicts('unused'))
    .option('--unused', 'all that are up and that nobody has')
    .option('--reason <text>', 'why; holders are told')
    .addHelpText('after', HELP)
    .action((given: readonly number[] | [], { all = false, unused = false, reason = '' }: Flags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { numbers } = await berth.pools.deleteResources({ numbers: [...given], all, unused, reason });
        const what = numbers.length === 1 ? 'resource goes' : 'resources go';
        if (out.config.output !== 'table' || out.config.quiet) await out.one({ numbers }, '', numbers.join('\n'));
        else out.note(`${String(numbers.length)} ${what}${numbers.length > 0 ? `: ${numbers.join(' ')}` : ''}`);
      }),
    );
}
