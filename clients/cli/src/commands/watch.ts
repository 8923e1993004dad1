import type { Command } from 'commander';
import { changeText, changeView } from '../output/change-text.js';
import { perform } from '../program/context.js';
import { parseWhole } from '../program/options.js';

const EXAMPLES = `
Nothing is missed between two lines, also over a broken connection. It ends with Ctrl-C.

Examples:
  berth watch
  berth watch --snapshot -o json | jq -c 'select(.change == "leaseEnded")'
  berth watch --from 1700000000000001     # go on after a revision that was seen`;

interface Flags {
  readonly from?: number;
  readonly snapshot?: boolean;
}

/** `berth watch`: what changes, as it changes. */
export function define(command: Command): void {
  command
    .option('--from <revision>', 'what changed after this revision', parseWhole)
    .option('--snapshot', 'first everything as it is')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags, self: Command) =>
      perform(self, async ({ berth, out, interrupted }) => {
        const watch = berth.watch({
          ...(flags.from !== undefined && { fromRevision: flags.from }),
          signal: interrupted,
          onReconnecting: ({ message }) => {
            out.note(`berth: the connection broke (${message}); trying again`);
          },
        });
        for await (const { changes, revision, snapshot, commitTime } of watch) {
          if (snapshot && !flags.snapshot) continue;
          for (const { kind } of changes) {
            if (!kind) continue;
            const time = (commitTime ?? new Date()).toTimeString().slice(0, 8);
            await out.item(
              { revision, time: commitTime, snapshot, ...changeView(kind) },
              `${time}  ${changeText(kind)}`,
            );
          }
        }
      }),
    );
}
