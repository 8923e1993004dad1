import { durationToMs } from '@berth/client';
import { spanText } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { EXIT } from '../program/exit-code.js';
import { parseWhole } from '../program/options.js';

const EXAMPLES = `
For power switches and other guards. Exit code 0 when the bench is held with this token, 1 when it is not.

Examples:
  berth check-token resource1 "$BERTH_FENCING_TOKEN" && power-cycle resource1`;

/** `berth check-token`: asks whether a token is current. */
export function define(command: Command): void {
  command
    .argument('<bench>', 'name of the bench')
    .argument('<token>', 'fencing token', parseWhole)
    .addHelpText('after', EXAMPLES)
    .action((bench: string, fencingToken: number, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { current, holder, remaining } = await berth.lease.checkToken({ bench, fencingToken });
        const left = remaining ? `, for ${spanText(durationToMs(remaining))} more` : '';
        const other = holder === '' ? 'nobody holds it' : `${holder} holds it with another one`;
        await out.one(
          { bench, fencingToken, current, holder, remaining: remaining && `${durationToMs(remaining) / 1000}s` },
          current
            ? `current: ${holder} holds ${bench} with this token${left}`
            : `not the current token of ${bench}: ${other}`,
        );
        return current ? EXIT.OK : EXIT.FAILED;
      }),
    );
}
