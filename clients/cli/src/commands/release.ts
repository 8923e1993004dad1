import type { Command } from 'commander';
import { perform } from '../context.js';
import { benchNames, findLease } from '../lease-reference.js';
import { parseWhole } from '../options.js';

const EXAMPLES = `
Examples:
  berth release resource1
  berth release ls-7k2m4x9d --token-number 1700000000000001   # only if it is still this grant`;

/** `berth release`: ends one's lease. */
export function define(command: Command): void {
  command
    .argument('<lease...>', 'lease ids, or names of benches that are held')
    .option('--token-number <n>', 'fencing token: release only if it is still this grant', parseWhole)
    .addHelpText('after', EXAMPLES)
    .action((references: string[], flags: { tokenNumber?: number }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        for (const reference of references) {
          const { id, benches } = reference.startsWith('ls-')
            ? { id: reference, benches: [] }
            : await findLease(berth, reference);
          const token = flags.tokenNumber === undefined ? {} : { fencingToken: flags.tokenNumber };
          const { released } = await berth.lease.release({ leaseId: id, ...token });
          const what = benches.length > 0 ? `${benchNames({ benches })} (${id})` : id;
          await out.one({ lease: id, released }, released ? `released ${what}` : `${what} had ended before`);
        }
      }),
    );
}
