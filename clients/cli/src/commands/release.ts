import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { benchNames, findLease, hasReason, isLeaseId, wasLease } from '../lease-reference.js';
import { parseWhole } from '../program/options.js';

const EXAMPLES = `
A lease that has ended before is no error; an id that never was one is, where the server keeps a history (role tracker).

Examples:
  berth release resource1
  berth release ls-7k2m4x9d --token-number 1700000000000001   # only if it is still this grant`;

interface Flags {
  readonly tokenNumber?: number;
}

/** `berth release`: ends one's lease. */
export function define(command: Command): void {
  command
    .argument('<lease...>', 'lease ids, or names of benches that are held')
    .option('--token-number <n>', 'fencing token: release only if it is still this grant', parseWhole)
    .addHelpText('after', EXAMPLES)
    .action((references: string[], flags: Flags, self: Command) =>
      perform(self, async (context) => {
        for (const reference of references) await release(context, reference, flags);
      }),
    );
}

async function release(context: Context, reference: string, { tokenNumber }: Flags): Promise<void> {
  const { berth, out } = context;
  const lease = await findLease(context, reference).catch((error: unknown) => endedBefore(context, reference, error));
  if (typeof lease === 'string') {
    await out.one({ lease: reference, released: false }, lease);
    return;
  }
  const token = tokenNumber === undefined ? {} : { fencingToken: tokenNumber };
  const { released } = await berth.lease.release({ leaseId: lease.id, ...token });
  const what = `${benchNames(lease)} (${lease.id})`;
  await out.one({ lease: lease.id, released }, released ? `released ${what}` : `${what} had ended before`);
}

/** What is said of an id that no lease has at present. Throws the error when none ever had it. */
async function endedBefore(context: Context, id: string, error: unknown): Promise<string> {
  if (!isLeaseId(id) || !hasReason(error, 'NO_SUCH_LEASE')) throw error;
  const was = await wasLease(context, id);
  if (was === false) throw error;
  return was ? `${id} had ended before` : `${id} is not in force: it had ended before, or never was`;
}
