import { type Berth, toDuration, WhenFull } from '@berth/client';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseList, parsePair, parseRepeated, parseSpan, parseWhole } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';
import { addAmountOptions, type AmountFlags, amountsOf } from './amount-options.js';
import { addRangeOptions, type RangeFlags } from './range-options.js';
import { parseShare } from './share.js';
import { momentOf, parseWhen, type When } from './when.js';

/** A booking, and a span of it, as a call takes them. */
export type BookingInput = NonNullable<Parameters<Berth['bookings']['createBooking']>[0]['booking']>;
export type SpanInput = NonNullable<BookingInput['spans']>[number];

/** A template, perhaps with a version. */
export interface TemplateName {
  readonly name: string;
  readonly version: number;
}

/** What `addTakeOptions` reads. */
export interface TakeFlags extends AmountFlags {
  readonly cluster?: string;
  readonly share?: number;
  readonly template?: TemplateName;
  readonly bench?: readonly string[];
  readonly query?: readonly string[];
  readonly attr?: readonly string[];
  readonly count?: number;
}

/** What `addBookingOptions` reads beside that. */
export interface BookingFlags extends TakeFlags, RangeFlags {
  readonly owner?: string;
  readonly desc?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly priority?: number;
  readonly provisional?: boolean;
  readonly resolveBy?: When;
  readonly releaseAfter?: number;
  readonly notifyStart?: number;
  readonly notifyEnd?: number;
  readonly requestId?: string;
}

/** Adds the flags that say what is to be booked. */
export function addTakeOptions(command: Command): Command {
  addAmountOptions(command.option('--cluster <name>', 'the cluster (default: default)'), 'how much');
  return command
    .addOption(new Option('--share <part>', 'a part of the cluster: 20% or 0.2').argParser(parseShare))
    .addOption(new Option('--template <name>', 'as much as a template has; small, or small@2').argParser(parseTemplate))
    .addOption(new Option('--bench <name>', 'this bench; repeat it for several').argParser(parseRepeated))
    .addOption(
      new Option('--query <text>', 'a bench like this, such as location=office1&attributes=[a]').argParser(
        parseRepeated,
      ),
    )
    .addOption(new Option('--attr <names>', 'a bench with these attributes').argParser(parseList))
    .addOption(new Option('--count <n>', 'so many of --template, or benches like --attr').argParser(parseWhole));
}

/** Adds the flags of a booking. */
export function addBookingOptions(command: Command): Command {
  return addRangeOptions(addTakeOptions(command))
    .option('--owner <name>', 'whose it is (operators)')
    .option('--desc <text>', 'what it is for')
    .addOption(new Option('--label <key=value>', 'keep this with it; repeatable').argParser(parsePair))
    .addOption(
      new Option('--priority <n>', '0 to 100: which provisional one is made firm first (50)').argParser(parseWhole),
    )
    .option('--provisional', 'without room, wait for it as provisional')
    .addOption(
      new Option('--resolve-by <when>', 'with --provisional: the time (as --from) by which to know').argParser(
        parseWhen,
      ),
    )
    .addOption(
      new Option('--release-after <span>', 'free it so long after its start if nobody uses it; 0 = never').argParser(
        parseSpan,
      ),
    )
    .addOption(new Option('--notify-start <span>', 'tell so long before its start').argParser(parseSpan))
    .addOption(new Option('--notify-end <span>', 'tell so long before its end (1h); 0 = not').argParser(parseSpan))
    .option('--request-id <id>', 'the same id again books nothing more');
}

/** What a span takes, as the flags say; benches are of `lab`. Throws UsageError when they say nothing, or two things. */
export function takeOf(flags: TakeFlags, lab = ''): SpanInput {
  const { cluster, share, template, bench, query, attr, count } = flags;
  const amounts = amountsOf(flags);
  const benches = bench !== undefined || query !== undefined || attr !== undefined;
  const said = [
    ...(Object.keys(amounts).length > 0 ? ['amounts'] : []),
    ...(share === undefined ? [] : ['--share']),
    ...(template === undefined ? [] : ['--template']),
    ...(benches ? ['benches'] : []),
  ];
  if (said.length === 0)
    throw new UsageError('it is not said what to book', 'add --cores N, --share 20%, --template NAME or --bench NAME');
  if (said.length > 1) throw new UsageError(`${said.join(' and ')} cannot be booked in one`, 'make a booking for each');
  const where = cluster === undefined ? {} : { cluster };
  if (share !== undefined) return { ...where, share };
  if (template !== undefined)
    return {
      ...where,
      template: template.name,
      templateVersion: template.version,
      templateCount: count ?? 1,
    };
  if (!benches) return { ...where, amounts };
  const requirements = [
    ...(query ?? []).map((text) => ({ query: text })),
    ...(attr === undefined ? [] : [{ attributes: [...attr], ...(count !== undefined && { count }) }]),
  ];
  return { ...where, benches: { lab, names: [...(bench ?? [])], requirements } };
}

/** What the flags say about a booking beside its spans. */
export async function wishesOf(flags: BookingFlags): Promise<Omit<BookingInput, 'spans'>> {
  const { owner, desc, label, priority, provisional, resolveBy, releaseAfter, notifyStart, notifyEnd, zone } = flags;
  const by = resolveBy && (await momentOf(resolveBy, zone)).at;
  if (by?.$case === 'date') throw new UsageError('--resolve-by needs a time of day', 'write 2020-01-31T09:00');
  return {
    ...(owner !== undefined && { owner }),
    ...(desc !== undefined && { description: desc }),
    ...(label && { labels: { ...label } }),
    ...(priority !== undefined && { priority }),
    ...(provisional === true && { whenFull: WhenFull.WAIT }),
    ...(by && { resolveBy: by.value }),
    ...(releaseAfter !== undefined && { releaseAfter: toDuration(releaseAfter) }),
    ...(notifyStart !== undefined && { notifyBeforeStart: toDuration(notifyStart) }),
    ...(notifyEnd !== undefined && { notifyBeforeEnd: toDuration(notifyEnd) }),
  };
}

/** Reads a template's name, `small` or `small@2`. */
export function parseTemplate(text: string): TemplateName {
  const [, name, version = '0'] = /^([^@\s]+)(?:@([1-9]\d{0,6}))?$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError(`"${text}" is no template; write small, or small@2`);
  return { name, version: Number(version) };
}
