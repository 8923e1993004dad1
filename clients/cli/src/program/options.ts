import { type AcquireOptions, spanToMs } from '@berth/client';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from './usage-error.js';

/** Reads a span of time, in milliseconds. */
export function parseSpan(text: string): number {
  try {
    return spanToMs(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** Reads a time to come: a date, or a span from now. */
export function parseUntil(text: string): Date {
  return parseTime(text, 1);
}

/** Reads a time that was: a date, or a span before now. */
export function parseSince(text: string): Date {
  return parseTime(text, -1);
}

function parseTime(text: string, sign: 1 | -1): Date {
  const date = /^\d{4}-/.test(text) ? new Date(text) : new Date(Date.now() + sign * parseSpan(text));
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError(`"${text}" is no date`);
  return date;
}

/** Reads the most rows that a list has: a whole number, 0 = all. */
export function parseLimit(text: string): number {
  const value = parseWhole(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError('write 0 for all, or how many');
}

/** Reads a whole number. */
export function parseWhole(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError(`"${text}" is no whole number`);
}

/** Collects `key=value` of a flag that may be repeated. */
export function parsePair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`"${text}" must be key=value`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Collects the values of a flag that may be repeated, or hold several with commas between them. */
export function parseList(text: string, before: readonly string[] = []): string[] {
  const values = text.split(',').map((value) => value.trim());
  if (values.includes('')) throw new InvalidArgumentError(`"${text}" has an empty value`);
  return [...before, ...values];
}

/** Collects the values of a flag that may be repeated, or hold several with commas between them; only these are allowed. */
export function parseSome<Name extends string>(allowed: readonly Name[]) {
  return (text: string, before: readonly Name[] = []): Name[] => {
    const given = parseList(text);
    const known = allowed.filter((name) => given.includes(name));
    const unknown = given.find((name) => !(allowed as readonly string[]).includes(name));
    if (unknown === undefined) return [...before, ...known];
    throw new InvalidArgumentError(`"${unknown}" is none of ${allowed.join(', ')}`);
  };
}

/** Collects the values of a flag that may be repeated. */
export function parseRepeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** What `addRequestOptions` reads. */
export interface RequestFlags {
  readonly bench?: readonly string[];
  readonly query?: readonly string[];
  readonly attr?: readonly string[];
  readonly location?: string;
  readonly count?: number;
  readonly pool?: string;
  readonly desc?: string;
  readonly priority?: number;
  readonly wait?: number;
  readonly label?: Readonly<Record<string, string>>;
  readonly max?: number;
  readonly affinity?: string;
  readonly booking?: string;
  readonly allowMaintenance?: boolean;
  readonly requestId?: string;
  readonly remind?: number;
}

/** Adds the flags that say which benches are wanted, and how the request waits. */
export function addRequestOptions(command: Command): Command {
  return command
    .addOption(new Option('--bench <name>', 'this bench; repeat it for several at once').argParser(parseRepeated))
    .addOption(
      new Option(
        '--query <text>',
        'a bench like this, such as location=office1&attributes=[a]; repeat for several',
      ).argParser(parseRepeated),
    )
    .addOption(new Option('--attr <names>', 'a bench with these attributes').argParser(parseList))
    .option('--location <place>', 'a bench in this place')
    .addOption(
      new Option('--count <n>', 'so many benches like --attr, --location and --pool say').argParser(parseWhole),
    )
    .option('--pool <name>', 'a bench of this pool')
    .option('--desc <text>', 'what it is for; those who wait see it')
    .addOption(new Option('--priority <n>', '0 to 100, higher first (default 50)').argParser(parseWhole))
    .addOption(
      new Option('--wait <span>', 'how long to wait, such as 10m; 0 = not at all (default: for ever)').argParser(
        parseSpan,
      ),
    )
    .addOption(new Option('--label <key=value>', 'keep this with the lease; repeatable').argParser(parsePair))
    .addOption(new Option('--max <span>', 'the lease ends at the latest after this').argParser(parseSpan))
    .option('--affinity <name>', 'prefer benches with this affinity')
    .option('--booking <id>', 'spend this booking: all its benches, or those of them that are asked for')
    .option('--allow-maintenance', 'take benches in maintenance too')
    .option('--request-id <id>', 'the same id again gives the same place or lease')
    .option(
      '--remind <span>',
      'where no terminal shows it: say the place again after this long without news (default 3m; 0 = never)',
      parseSpan,
    );
}

/** The request that the flags describe. Throws `UsageError` when they ask for nothing. */
export function requestOf(flags: RequestFlags): AcquireOptions {
  const { attr, location, count, pool } = flags;
  const described = attr !== undefined || location !== undefined || pool !== undefined || count !== undefined;
  const requirements = [
    ...(flags.bench ?? []).map((bench) => ({ bench })),
    ...(flags.query ?? []).map((query) => ({ query })),
    ...(described
      ? [
          {
            ...(attr && { attributes: [...attr] }),
            ...(location !== undefined && { location }),
            ...(pool !== undefined && { pool }),
            ...(count !== undefined && { count }),
          },
        ]
      : []),
  ];
  if (requirements.length === 0 && flags.booking === undefined) {
    throw new UsageError(
      'no bench was asked for',
      'say --bench NAME, --query QUERY or --attr NAMES; `berth bench ls` lists them',
    );
  }
  return {
    requirements,
    ...(flags.desc !== undefined && { description: flags.desc }),
    ...(flags.priority !== undefined && { priority: flags.priority }),
    ...(flags.wait !== undefined && { wait: flags.wait }),
    ...(flags.label && { labels: flags.label }),
    ...(flags.max !== undefined && { maxDuration: flags.max }),
    ...(flags.affinity !== undefined && { affinity: flags.affinity }),
    ...(flags.booking !== undefined && { booking: flags.booking }),
    ...(flags.allowMaintenance !== undefined && { allowMaintenance: flags.allowMaintenance }),
    ...(flags.requestId !== undefined && { requestId: flags.requestId }),
  };
}

/** The requirements in few words, as people would say them: `bench resource1`, `attributes=[a] in office1`. */
export function wantedText(flags: RequestFlags): string {
  const parts = [
    ...(flags.bench ?? []),
    ...(flags.query ?? []),
    [
      flags.count !== undefined ? `${String(flags.count)} ×` : '',
      flags.attr ? `[${flags.attr.join(', ')}]` : '',
      flags.location === undefined ? '' : `in ${flags.location}`,
      flags.pool === undefined ? '' : `of pool ${flags.pool}`,
    ]
      .filter((part) => part !== '')
      .join(' '),
    flags.booking === undefined ? '' : `booking ${flags.booking}`,
  ];
  return parts.filter((part) => part !== '').join(' and ');
}
