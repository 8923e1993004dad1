import { type Booking, type BookingSpan, type Moment, SeriesScope } from '@berth/client';
import { type Command, Option } from 'commander';
import { perform } from '../program/context.js';
import { parseSpan } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';
import { tellBooking } from './book-create.js';
import { bookingView } from './booking-view.js';
import { momentOf, parseWhen, type When, WHEN_HELP } from './when.js';

interface ScopeFlags {
  readonly following?: boolean;
  readonly all?: boolean;
}

interface ExtendFlags extends ScopeFlags {
  readonly until?: When;
  readonly by?: number;
  readonly zone?: string;
  readonly force?: boolean;
}

interface CancelFlags extends ScopeFlags {
  readonly reason?: string;
}

/** The subcommands that change bookings. */
export function defineBookChanges(command: Command): void {
  addScope(command.command('extend <booking>'))
    .description('move the end of a booking, later or earlier')
    .addOption(new Option('--until <when>', `its new end: ${WHEN_HELP}`).argParser(parseWhen).conflicts('by'))
    .addOption(new Option('--by <span>', 'so much longer').argParser(parseSpan))
    .option('--zone <zone>', 'the IANA zone of --until')
    .option('--force', 'take benches also from leases and waiting requests (operators)')
    .action((id: string, flags: ExtendFlags, self: Command) =>
      perform(self, async (context) => {
        const { bookings } = context.berth;
        const { booking } = await bookings.getBooking({ id });
        if (booking === undefined) return;
        const end = await endOf(booking, flags);
        const changed = await bookings.updateBooking({
          booking: { id, etag: booking.etag, spans: booking.spans.map((span) => endingAt(span, booking, end)) },
          updateMask: ['spans'],
          scope: scopeOf(flags),
          force: flags.force ?? false,
        });
        if (changed.booking) await tellBooking(context, changed.booking);
        if (changed.changed > 1) context.out.note(`${String(changed.changed)} bookings of the series changed`);
      }),
    );
  addScope(command.command('cancel <booking>'))
    .description('cancel a booking; of one that has begun, what is left of it')
    .option('--reason <text>', 'why; told to its owner')
    .action((id: string, flags: CancelFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { reason = '' } = flags;
        const { booking, cancelled } = await berth.bookings.cancelBooking({ id, reason, scope: scopeOf(flags) });
        const text = cancelled > 1 ? `${String(cancelled)} bookings are cancelled` : `${id} is cancelled`;
        if (booking) await out.one(bookingView(booking), text, id);
      }),
    );
  command
    .command('confirm <booking>')
    .description('make a hold a booking')
    .action((id: string, _flags: object, self: Command) =>
      perform(self, async (context) => {
        const { booking } = await context.berth.bookings.confirmHold({ id });
        if (booking) await tellBooking(context, booking);
      }),
    );
  command
    .command('checkin <booking>')
    .description('say that a booking is used, so that it is not released')
    .action((id: string, _flags: object, self: Command) =>
      perform(self, async (context) => {
        const { booking } = await context.berth.bookings.checkIn({ id });
        if (booking) await tellBooking(context, booking);
      }),
    );
}

function addScope(command: Command): Command {
  return command
    .addOption(new Option('--following', 'also those after it in its series').conflicts('all'))
    .option('--all', 'all of its series that have not begun');
}

function scopeOf({ following = false, all = false }: ScopeFlags): SeriesScope {
  if (all) return SeriesScope.ALL;
  return following ? SeriesScope.FOLLOWING : SeriesScope.UNSPECIFIED;
}

async function endOf({ interval }: Booking, { until, by, zone }: ExtendFlags): Promise<Moment> {
  if (until !== undefined) return momentOf(until, zone);
  if (by === undefined) throw new UsageError('it is not said until when', 'add --until WHEN or --by SPAN');
  const end = interval?.endTime;
  if (end === undefined) throw new UsageError('it has no end that could be moved', 'add --until WHEN');
  return momentOf({ at: new Date(end.getTime() + by) }, zone);
}

/** A span with another end, if it is one of those that end last. */
function endingAt(span: BookingSpan, { interval }: Booking, end: Moment): BookingSpan {
  if (span.interval?.endTime?.getTime() !== interval?.endTime?.getTime()) return span;
  return { ...span, range: { start: span.range?.start, end, timeZone: span.range?.timeZone ?? '' } };
}
