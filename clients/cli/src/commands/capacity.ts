import { Anchor, Grain, GRAINS } from '@berth/client';
import { zonedText } from '@berth/views';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { drawMaps } from '../booking/heat-map.js';
import { blockView, capacityColumns, csvText, FIGURES, type Figure, type Shown } from '../booking/capacity-view.js';
import { allBlocks } from '../booking/lists.js';
import { addRangeOptions, type RangeFlags, rangeOf } from '../booking/range-options.js';
import { perform } from '../program/context.js';
import { parseList } from '../program/options.js';
import { parseWhen } from '../booking/when.js';

const ANCHORS = {
  start: Anchor.UNSPECIFIED,
  calendar: Anchor.CALENDAR,
  iso: Anchor.CALENDAR,
  monday: Anchor.MONDAY,
  tuesday: Anchor.TUESDAY,
  wednesday: Anchor.WEDNESDAY,
  thursday: Anchor.THURSDAY,
  friday: Anchor.FRIDAY,
  saturday: Anchor.SATURDAY,
  sunday: Anchor.SUNDAY,
} as const;

const HELP = `
What is left at the worst instant of each block: grants less firm bookings there (--figure shows another figure). With
provisional bookings it would be what stands in brackets. On a terminal the blocks are drawn as a map, one for each amount;
--table gives lines, -o csv a column for each amount.

Examples:
  berth capacity                                     # the next four weeks by day
  berth capacity --from 2031-06-01 --until 2031-06-30 --grain day -o csv
  berth capacity default/spark --from 2031-06-08 --for 1d --grain hour --zone Europe/London
  berth capacity --from 2031-01-01 --for 52w --grain week --anchor monday --template small --template large@2
  berth capacity --cluster lab/default --from now --for 7d --amounts resource1,resource2`;

interface Flags extends RangeFlags {
  readonly cluster?: string;
  readonly grain: Grain;
  readonly anchor: Anchor;
  readonly clip?: boolean;
  readonly amounts?: readonly string[];
  readonly template?: readonly string[];
  readonly levels?: boolean;
  readonly provisional?: boolean;
  readonly figure: Figure;
  readonly map?: boolean;
  readonly table?: boolean;
}

/** `berth capacity`: how much is left. */
export function define(command: Command): void {
  addRangeOptions(command.argument('[cluster]', 'the cluster (default: default)'))
    .option('--cluster <name>', 'the cluster, instead of the argument')
    .addOption(
      new Option('--grain <grain>', 'how long a block is: minute, hour, day, week, month, year')
        .argParser(oneOf(GRAINS))
        .default(Grain.DAY, 'day'),
    )
    .addOption(
      new Option('--anchor <where>', 'where blocks begin: start, calendar, or on a weekday')
        .argParser(oneOf(ANCHORS))
        .default(Anchor.UNSPECIFIED, 'start'),
    )
    .option('--clip', 'cut the first and last block at the range')
    .addOption(new Option('--amounts <names>', 'only these amounts').argParser(parseList))
    .addOption(new Option('--template <names>', 'how many of these would fit; small, or small@2').argParser(parseList))
    .option('--levels', 'with -o json or yaml: how long each amount was left')
    .option('--provisional', 'count provisional bookings as if they were firm')
    .addOption(new Option('--figure <name>', 'what is shown').choices(FIGURES).default('worst'))
    .addOption(new Option('--map', 'draw maps, also where there is no terminal').conflicts('table'))
    .option('--table', 'write lines, also on a terminal')
    .addHelpText('after', HELP)
    .action((named: string | undefined, flags: Flags, self: Command) =>
      perform(
        self,
        async ({ berth, out }) => {
          const { grain, anchor, clip = false, amounts, template, levels = false, figure, provisional = false } = flags;
          const { blocks, zone, units } = await allBlocks(berth, {
            cluster: named ?? flags.cluster ?? '',
            range: await rangeOf(withDefault(flags)),
            calendar: { grain, anchor, clip },
            amounts: [...(amounts ?? [])],
            templates: [...(template ?? [])],
            levels,
          });
          const start = zonedText(zone, grain);
          const shown: Shown = { figure, provisional, start };
          if (out.config.output === 'csv') {
            process.stdout.write(csvText(blocks, shown));
          } else if (out.config.output === 'table' && flags.table !== true && (flags.map === true || out.color)) {
            for (const line of drawMaps(blocks, { ...shown, grain, zone, units, color: out.color })) out.line(line);
          } else {
            await out.list(blocks, {
              columns: capacityColumns(blocks, shown),
              view: blockView,
              id: ({ interval }) => interval?.startTime?.toISOString() ?? '',
              empty: 'there are no blocks',
            });
          }
        },
        { csv: true },
      ),
    );
}

/** Without a range: the next four weeks from today on. */
function withDefault(flags: Flags): RangeFlags {
  if (flags.from !== undefined || flags.until !== undefined || flags.for !== undefined) return flags;
  const today = parseWhen(new Date().toISOString().slice(0, 10));
  return { from: today, for: { days: 28 }, ...(flags.zone !== undefined && { zone: flags.zone }) };
}

/** Reads one of a table's names. */
function oneOf<Value>(table: Readonly<Record<string, Value>>) {
  return (text: string): Value => {
    const value = Object.hasOwn(table, text) ? table[text] : undefined;
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`"${text}" is none of ${Object.keys(table).join(', ')}`);
  };
}
