import type { Command } from 'commander';
import { defineBookChanges } from '../booking/book-changes.js';
import { defineBookLists } from '../booking/book-lists.js';
import { defineBookCreate } from '../booking/book-create.js';

const HELP = `
A date as --until means through that day; --for 3d after a date is three days of the calendar. What does not fit is refused
with the first time at which it would (exit code 75), or waits with --provisional.

Examples:
  berth book create --cores 8 --from 2031-06-08 --until 2031-06-14
  berth book create --share 20% --cluster default/spark --from 2031-06-08 --for 2w
  berth book create --template small --count 3 --from +2h --for 90m --desc 'nightly run'
  berth book create --bench resource1 --from 2031-06-08T09:00 --for 8h
  berth book create --attr arm64 --count 2 --from 2031-06-08 --for 1d --rrule 'FREQ=WEEKLY;COUNT=10'
  berth book find --cores 8 --for 4h --until +14d --starts 3
  berth book ls --mine
  berth book extend bk-7k2m4x9d --by 1h
  berth book cancel bk-7k2m4x9d --reason 'not needed'`;

/** `berth book`: capacity and benches for a time. */
export function define(command: Command): void {
  command.addHelpText('after', HELP);
  defineBookCreate(command);
  defineBookLists(command);
  defineBookChanges(command);
}
