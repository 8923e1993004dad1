import { type Booking, BookingState, Gap, toDuration } from '@berth/client';
import { untilText } from '@berth/views';
import { type Command, Option } from 'commander';
import { type Context, perform } from '../program/context.js';
import { parseSpan } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';
import { amountsOf } from './amount-options.js';
import { addBookingOptions, type BookingFlags, type BookingInput, takeOf, wishesOf } from './booking-options.js';
import { bookingColumns, bookingStateText, bookingView, intervalText, shortfallText } from './booking-view.js';
import { rangeOf } from './range-options.js';
import { momentOf, parseWhen, type When } from './when.js';

interface CreateFlags extends BookingFlags {
  readonly newCluster?: string;
  readonly rrule?: string;
  readonly skip?: readonly When[];
  readonly add?: readonly When[];
  readonly gapSkip?: boolean;
  readonly bestEffort?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

interface HoldFlags extends BookingFlags {
  readonly ttl?: number;
}

/** The subcommands that book. */
export function defineBookCreate(command: Command): void {
  addBookingOptions(command.command('create'))
    .description('book capacity, a share, a template or benches')
    .addOption(
      new Option('--new-cluster <parent>', 'with --share: make a cluster of the amounts for this booking alone'),
    )
    .option('--rrule <rule>', 'again and again by an RFC 5545 rule, such as FREQ=WEEKLY;COUNT=10')
    .addOption(new Option('--skip <when>', 'not then (as --from); repeatable').argParser(collectWhen))
    .addOption(new Option('--add <when>', 'then too; repeatable').argParser(collectWhen))
    .option('--gap-skip', 'leave out what would begin when clocks are put forward (else it moves on)')
    .option('--best-effort', 'with --rrule: book what fits, and tell what does not')
    .option('--force', 'take benches also from leases and waiting requests (operators)')
    .option('--dry-run', 'only tell what would become of it')
    .action((flags: CreateFlags, self: Command) =>
      perform(self, (context) =>
        flags.rrule === undefined && flags.add === undefined ? createOne(context, flags) : createSeries(context, flags),
      ),
    );
  addBookingOptions(command.command('hold'))
    .description('hold capacity for a short time while you decide; confirm makes it a booking')
    .addOption(new Option('--ttl <span>', 'how long it is held (5m)').argParser(parseSpan))
    .action((flags: HoldFlags, self: Command) =>
      perform(self, async (context) => {
        const { ttl, requestId } = flags;
        const { booking } = await context.berth.bookings.createHold({
          booking: await inputOf(context, flags),
          ...(ttl !== undefined && { ttl: toDuration(ttl) }),
          ...(requestId !== undefined && { requestId }),
        });
        if (booking) await tellBooking(context, booking);
      }),
    );
}

function collectWhen(text: string, before: readonly When[] = []): When[] {
  return [...before, parseWhen(text)];
}

/** The booking that the flags describe. */
async function inputOf({ config }: Context, flags: BookingFlags): Promise<BookingInput> {
  return {
    ...(await wishesOf(flags)),
    spans: [{ ...takeOf(flags, config.lab), range: await rangeOf(flags) }],
  };
}

/** The same with a cluster of its own: the amounts are the cluster's, the share is of it. */
async function withCluster(parent: string, flags: CreateFlags) {
  const { share, cluster } = flags;
  if (share === undefined)
    throw new UsageError('--new-cluster needs a share of it', 'add --share, such as --share 50%');
  if (cluster !== undefined) throw new UsageError('--cluster and --new-cluster cannot be used together');
  const range = await rangeOf(flags);
  return {
    booking: { ...(await wishesOf(flags)), spans: [{ share, range }] },
    newCluster: { parent, amounts: amountsOf(flags), range },
  };
}

async function createOne(context: Context, flags: CreateFlags): Promise<void> {
  const { requestId, force = false, dryRun = false, newCluster } = flags;
  const input =
    newCluster === undefined ? { booking: await inputOf(context, flags) } : await withCluster(newCluster, flags);
  const options = { force, validateOnly: dryRun, ...(requestId !== undefined && { requestId }) };
  const answer = await context.berth.bookings.createBooking({ ...input, ...options });
  if (answer.newCluster) context.out.note(`made cluster ${answer.newCluster.name} for it`);
  if (answer.booking) await tellBooking(context, answer.booking, dryRun);
}

async function createSeries(context: Context, flags: CreateFlags): Promise<void> {
  const { rrule: rule = '', skip = [], add = [], gapSkip, bestEffort = false, force = false, dryRun = false } = flags;
  const { zone, requestId, newCluster } = flags;
  if (newCluster !== undefined) throw new UsageError('--new-cluster cannot be repeated by --rrule');
  const { out } = context;
  const moments = (whens: readonly When[]) => Promise.all(whens.map((when) => momentOf(when, zone)));
  const { seriesId, bookings, conflicts } = await context.berth.bookings.createSeries({
    booking: await inputOf(context, flags),
    recurrence: {
      rule,
      excluded: await moments(skip),
      added: await moments(add),
      gap: gapSkip === true ? Gap.SKIP : Gap.UNSPECIFIED,
    },
    bestEffort,
    force,
    validateOnly: dryRun,
    ...(requestId !== undefined && { requestId }),
  });
  const now = new Date();
  await out.list(bookings, {
    columns: bookingColumns(now),
    view: bookingView,
    id: ({ id }) => id,
    empty: 'none of it fits',
  });
  for (const conflict of conflicts) out.note(`does not fit: ${shortfallText(conflict, now)}`);
  if (seriesId !== '' && !dryRun) out.note(`${String(bookings.length)} bookings of series ${seriesId}`);
}

/** Says what became of a booking. */
export async function tellBooking({ out }: Context, booking: Booking, dryRun = false): Promise<void> {
  const { id, interval, state, holdExpireTime, shortfall } = booking;
  const now = new Date();
  const held = state === BookingState.HELD && holdExpireTime ? ` until ${untilText(holdExpireTime, now)}` : '';
  const lacks = shortfall ? `\n  lacks ${shortfallText(shortfall, now)}` : '';
  const text = `${dryRun ? 'it would be' : `${id} is`} ${bookingStateText(booking)}${held}: ${intervalText(interval, now)}${lacks}`;
  await out.one(bookingView(booking), text, dryRun ? '' : id);
}
