import type { TimeRange } from '@berth/client';
import { type Command, Option } from 'commander';
import { UsageError } from '../program/usage-error.js';
import { endAfter, momentOf, parseLasting, parseWhen, type When, WHEN_HELP } from './when.js';

/** What `addRangeOptions` reads. */
export interface RangeFlags {
  readonly from?: When;
  readonly until?: When;
  readonly for?: { readonly days: number } | { readonly ms: number };
  readonly zone?: string;
}

/** Adds the flags that say from when until when. */
export function addRangeOptions(command: Command): Command {
  return command
    .addOption(new Option('--from <when>', `from when: ${WHEN_HELP}`).argParser(parseWhen))
    .addOption(new Option('--until <when>', 'until when; a date means through that day').argParser(parseWhen))
    .addOption(
      new Option('--for <span>', 'how long, instead of --until: 3d, 90m').argParser(parseLasting).conflicts('until'),
    )
    .option('--zone <zone>', "the IANA zone of dates (default: the cluster's) and times (default: yours)");
}

/** Adds the flags that say how long something lasts, and in which window it may lie. */
export function addWindowOptions(command: Command): Command {
  return command
    .addOption(new Option('--for <span>', 'how long it lasts: 3d, 90m').argParser(parseLasting).makeOptionMandatory())
    .addOption(new Option('--from <when>', `not before: ${WHEN_HELP} (default: now)`).argParser(parseWhen))
    .addOption(new Option('--until <when>', 'over by then (default: in 31 days)').argParser(parseWhen))
    .option('--zone <zone>', "the IANA zone of dates (default: the cluster's) and times (default: yours)");
}

/** The range that the flags say. Throws UsageError unless both ends are known; `open` ranges need no end. */
export async function rangeOf(flags: RangeFlags, { open = false } = {}): Promise<TimeRange> {
  const range = await optionalRangeOf(flags);
  if (range?.start === undefined) throw new UsageError('it is not said from when', 'add --from WHEN');
  if (range.end === undefined && !open)
    throw new UsageError('it is not said until when', 'add --until WHEN or --for SPAN');
  return range;
}

/** The range that the flags say, as far as they say one; undefined when they say nothing. */
export async function optionalRangeOf({ from, until, for: lasting, zone }: RangeFlags): Promise<TimeRange | undefined> {
  if (from === undefined && until === undefined && lasting === undefined) return undefined;
  if (from === undefined) throw new UsageError('it is not said from when', 'add --from WHEN');
  const end = lasting === undefined ? until && momentOf(until, zone) : endAfter(from, lasting, zone);
  return { start: await momentOf(from, zone), end: await end, timeZone: zone ?? '' };
}
