import { bookingAccess } from '@berth/booking';
import { leaseAccess } from '@berth/lease';
import { poolAccess } from '@berth/pool';
import { serverAccess } from '@berth/server';
import { trackerAccess } from '@berth/tracker';
import { Command, Option } from 'commander';

/** `berthd access`: tells who may call what. */
export function accessCommand(): Command {
  return new Command('access')
    .description('tells the least role of every method')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action(({ output }: { readonly output: string }) => {
      const methods = [...leaseAccess, ...trackerAccess, ...poolAccess, ...bookingAccess, ...serverAccess()];
      const width = Math.max(...methods.map(({ method }) => method.length));
      const lines = methods.map(({ method, access }) => `${method.padEnd(width)}  ${access}\n`);
      process.stdout.write(output === 'json' ? `${JSON.stringify(methods)}\n` : lines.join(''));
    });
}
