import { parseAddresses } from '@berth/client';
import type { Command } from 'commander';
import { examineServer } from '../doctor/examine-server.js';
import { type Finding, findingText } from '../doctor/finding.js';
import { type Context, open, perform } from '../program/context.js';
import { EXIT } from '../program/exit-code.js';
import { UsageError } from '../program/usage-error.js';

const HELP = `
Looks at every server of the address: whether it answers and what it says of itself, who you are to it, and each of its roles
(lease, tracker, pool, booking). Exit code 0 when all is well, 69 when something is not.

Examples:
  berth doctor
  berth doctor --address lab.example:7070 -o json`;

/** `berth doctor`: are the servers there, and is all well between them and here. */
export function define(command: Command): void {
  command.addHelpText('after', HELP).action((_flags: object, self: Command) =>
    perform(self, async (context) => {
      const findings = await examine(context);
      await context.out.one(findings, findings.map(findingText).join('\n'));
      return findings.every(({ ok }) => ok) ? EXIT.OK : EXIT.UNAVAILABLE;
    }),
  );
}

async function examine(context: Context): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const address of addressesOf(context)) {
    const berth = open(context.config, address);
    try {
      findings.push(...(await examineServer({ ...context, berth }, address)));
    } finally {
      berth.close();
    }
  }
  return findings;
}

/** Each address of the setting, by itself. */
function addressesOf({ config }: Context): string[] {
  try {
    const { targets, secure } = parseAddresses(config.address);
    const scheme = secure === undefined ? '' : secure ? 'https://' : 'http://';
    return targets.map((target) => scheme + target);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}
