import { BookingState, toDuration } from '@berth/client';
import { clockText, factsText } from '@berth/views';
import { type Command, Option } from 'commander';
import { userInfo } from 'node:os';
import { perform } from '../program/context.js';
import { parseLimit, parseSome, parseWhole } from '../program/options.js';
import { tellMore } from '../output/limited-list.js';
import { addTakeOptions, type TakeFlags, takeOf } from './booking-options.js';
import {
  bookingColumns,
  bookingFacts,
  bookingView,
  conflictColumns,
  conflictView,
  intervalText,
} from './booking-view.js';
import { allConflicts, findBookings } from './lists.js';
import { addRangeOptions, addWindowOptions, optionalRangeOf, type RangeFlags } from './range-options.js';
import { lastingMs, momentOf, parseWhen } from './when.js';

const STATES = [
  'held',
  'pending',
  'provisional',
  'booked',
  'active',
  'ended',
  'released',
  'cancelled',
  'expired',
  'unresolved',
] as const;
const DEFAULT_LIMIT = 100;
const DEFAULT_WINDOW_MS = 31 * 86_400_000;

interface ListFlags extends RangeFlags {
  readonly cluster?: string;
  readonly owner?: string;
  readonly mine?: boolean;
  readonly bench?: string;
  readonly series?: string;
  readonly state?: readonly (typeof STATES)[number][];
  readonly limit: number;
}

interface ConflictFlags extends RangeFlags {
  readonly cluster?: string;
  readonly owner?: string;
}

interface FindFlags extends TakeFlags, Omit<RangeFlags, 'for'> {
  readonly for: { readonly days: number } | { readonly ms: number };
  readonly starts: number;
}

/** The subcommands that read bookings. */
export function defineBookLists(command: Command): void {
  addRangeOptions(command.command('ls'))
    .description('list bookings that are not over, by start')
    .option('--cluster <name>', 'only on this cluster')
    .option('--owner <name>', "only this owner's")
    .option('--mine', 'only yours')
    .option('--bench <name>', 'only of this bench')
    .option('--series <id>', 'only of this series')
    .addOption(
      new Option('--state <states>', `only in these states: ${STATES.join(', ')}`).argParser(parseSome(STATES)),
    )
    .option('--limit <n>', 'at most so many; 0 = all', parseLimit, DEFAULT_LIMIT)
    .action((flags: ListFlags, self: Command) =>
      perform(self, async ({ berth, out, config }) => {
        const { cluster, bench, series, state, limit } = flags;
        const owner = flags.mine === true ? (config.user ?? userInfo().username) : flags.owner;
        const range = await optionalRangeOf(flags);
        const { items, more } = await findBookings(
          berth,
          {
            ...(cluster !== undefined && { cluster }),
            ...(owner !== undefined && { owner }),
            ...(bench !== undefined && { bench }),
            ...(series !== undefined && { seriesId: series }),
            ...(state && { states: state.map((name) => BookingState[upper(name)]) }),
            ...(range && { range }),
          },
          limit,
        );
        await out.list(items, {
          columns: bookingColumns(new Date()),
          view: bookingView,
          id: ({ id }) => id,
          empty: 'nothing is booked',
        });
        tellMore(out, more);
      }),
    );
  command
    .command('show <booking>')
    .description('show a booking: its state and why, what it takes, until when')
    .action((id: string, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { booking } = await berth.bookings.getBooking({ id });
        if (booking) await out.one(bookingView(booking), factsText(bookingFacts(booking, new Date())), booking.id);
      }),
    );
  addRangeOptions(command.command('conflicts'))
    .description('list what is provisional or degraded, and what is in its way')
    .option('--cluster <name>', 'only on this cluster, and in it')
    .option('--owner <name>', "only this owner's")
    .action((flags: ConflictFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { cluster, owner } = flags;
        const range = await optionalRangeOf(flags);
        const conflicts = await allConflicts(berth, {
          ...(cluster !== undefined && { cluster }),
          ...(owner !== undefined && { owner }),
          ...(range && { range }),
        });
        await out.list(conflicts, {
          columns: conflictColumns(new Date()),
          view: conflictView,
          id: ({ booking }) => booking?.id ?? '',
          empty: 'everything that is booked fits',
        });
      }),
    );
  defineFind(command);
}

function defineFind(command: Command): void {
  addWindowOptions(addTakeOptions(command.command('find')))
    .description('find the earliest times at which something would fit, --for so long')
    .option('--starts <n>', 'how many stretches of starts', parseWhole, 1)
    .action((flags: FindFlags, self: Command) =>
      perform(self, async ({ berth, out, config }) => {
        const { starts: count, zone, for: lasting } = flags;
        const from = flags.from ?? parseWhen('now');
        const until = flags.until ?? { at: new Date(Date.now() + DEFAULT_WINDOW_MS) };
        const [start, end] = [await momentOf(from, zone), await momentOf(until, zone)];
        const { fits } = await berth.bookings.findFits({
          booking: { spans: [takeOf(flags, config.lab)] },
          duration: toDuration(lastingMs(lasting)),
          window: { start, end, timeZone: zone ?? '' },
          count,
        });
        const now = new Date();
        await out.list(fits, {
          columns: [
            { title: 'WHEN', text: ({ interval }) => intervalText(interval, now) },
            {
              title: 'LATEST START',
              text: ({ latestStartTime }) => (latestStartTime ? clockText(latestStartTime, now) : ''),
            },
            { title: 'BENCHES', text: ({ benches }) => benches.join(', ') },
          ],
          view: ({ interval, latestStartTime, benches }) => ({
            start: interval?.startTime,
            end: interval?.endTime,
            latestStart: latestStartTime,
            benches: benches.length > 0 ? benches : undefined,
          }),
          id: ({ interval }) => interval?.startTime?.toISOString() ?? '',
          empty: 'it fits at no time in that window',
        });
      }),
    );
}

function upper<Name extends string>(name: Name): Uppercase<Name> {
  return name.toUpperCase() as Uppercase<Name>;
}
