import { printable } from '@berth/views';
import type { Command } from 'commander';
import { callerText, callerView } from '../program/caller-text.js';
import { perform } from '../program/context.js';

const HELP = `
Exit code 77 when the server does not take what is shown.

Examples:
  berth whoami
  berth whoami -q                # the name only
  berth whoami --token-file ~/.config/berth/token -o json`;

/** `berth whoami`: who the caller is to the server. */
export function define(command: Command): void {
  command.addHelpText('after', HELP).action((_flags: object, self: Command) =>
    perform(self, async ({ berth, out }) => {
      const caller = await berth.identity.whoAmI({});
      await out.one(callerView(caller), printable(callerText(caller)), caller.name);
    }),
  );
}
