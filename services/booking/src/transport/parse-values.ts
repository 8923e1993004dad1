import type { Calendar, Moment, TimeRange } from '@berth/proto/berth/booking/v1/time';
import { Anchor as AnchorMessage, Grain as GrainMessage } from '@berth/proto/berth/booking/v1/time';
import type { Faults } from '@berth/server';
import { lineFault, MAX_NAME, nameFault, parseTime, parseUpdateMask, quoted } from '@berth/server';
import type { GridInput, Patch, RangeInput } from '../app/inputs.js';
import { FOREVER_MS } from '../domain/model/cluster.js';
import type { Anchor, Grain } from '../domain/time/grain.js';
import type { When } from '../domain/time/when.js';

const MOST_NAMES = 64;
const MOST_AMOUNT = 100_000_000_000;
const MOST_BASIS_POINTS = 10_000;
const CLUSTER_PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

const GRAINS: Readonly<Record<Grain, GrainMessage>> = {
  minute: GrainMessage.MINUTE,
  hour: GrainMessage.HOUR,
  day: GrainMessage.DAY,
  week: GrainMessage.WEEK,
  month: GrainMessage.MONTH,
  year: GrainMessage.YEAR,
};

/** Whole numbers by name, in order of the names. */
type Amounts = Readonly<Record<string, number>>;

/** A boundary; undefined when it is absent or wrong, and then `faults` says how. Whether there is such a date is not looked at. */
export function parseWhen(moment: Moment | undefined, field: string, faults: Faults): When | undefined {
  const at = moment?.at;
  if (at === undefined) faults.add(field, 'is required: a date such as 2020-01-31, or a time');
  else if (at.$case === 'date') return { date: at.value };
  else {
    const atMs = parseTime(at.value, `${field}.time`, faults);
    if (atMs !== undefined) return { atMs };
  }
  return undefined;
}

/** A range. With `open` it may have no end: it never ends. */
export function parseRange(
  range: TimeRange | undefined,
  field: string,
  faults: Faults,
  { open = false } = {},
): RangeInput | undefined {
  if (range === undefined) {
    faults.add(field, 'is required: say from when until when');
    return undefined;
  }
  const start = parseWhen(range.start, `${field}.start`, faults);
  const forever = open && range.end === undefined;
  const end = forever ? { atMs: FOREVER_MS } : parseWhen(range.end, `${field}.end`, faults);
  faults.check(`${field}.time_zone`, lineFault(range.timeZone, MAX_NAME));
  return start && end && { start, end, zone: range.timeZone, path: field };
}

/** A range that may be absent. */
export function parseOptionalRange(
  range: TimeRange | undefined,
  field: string,
  faults: Faults,
): RangeInput | undefined {
  return range && parseRange(range, field, faults);
}

/** How a range is cut into blocks; absent = calendar days. */
export function parseCalendar(calendar: Calendar | undefined, field: string, faults: Faults): GridInput {
  if (calendar === undefined) return { grain: 'day', anchor: 'start', clip: false };
  const { grain, anchor, clip } = calendar;
  return {
    grain: parseGrain(grain, `${field}.grain`, faults),
    anchor: parseAnchor(anchor, `${field}.anchor`, faults),
    clip,
  };
}

function parseGrain(message: GrainMessage, field: string, faults: Faults): Grain {
  if (message === GrainMessage.UNSPECIFIED) return 'day';
  return parseEnum(message, GRAINS, field, faults) ?? 'day';
}

function parseAnchor(message: AnchorMessage, field: string, faults: Faults): Anchor {
  if (message === AnchorMessage.UNSPECIFIED) return 'start';
  if (message === AnchorMessage.CALENDAR) return 'calendar';
  if (message >= AnchorMessage.MONDAY && message <= AnchorMessage.SUNDAY)
    return { weekday: message - AnchorMessage.MONDAY + 1 };
  faults.add(field, `is ${message}; allowed are 0 (the range's start), 1 (CALENDAR) and 2 to 8 (MONDAY to SUNDAY)`);
  return 'start';
}

/** Amounts, by name in order. */
export function parseAmounts(amounts: Amounts, field: string, faults: Faults): Amounts {
  const entries = Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > MOST_NAMES)
    faults.add(field, `has ${entries.length} amounts; at most ${MOST_NAMES} are allowed`);
  for (const [name, value] of entries.slice(0, MOST_NAMES)) {
    const path = `${field}[${JSON.stringify(name)}]`;
    const bad = nameFault(name);
    if (bad !== undefined) faults.add(path, `the name ${bad}`);
    if (!Number.isSafeInteger(value) || value < 0 || value > MOST_AMOUNT)
      faults.add(path, `is ${value}; allowed are whole numbers from 0 to ${MOST_AMOUNT}`);
  }
  return Object.fromEntries(entries);
}

/** Amounts of which at least one is above 0. */
export function parseSomeAmounts(amounts: Amounts, field: string, faults: Faults): Amounts {
  if (!Object.values(amounts).some((value) => value !== 0))
    faults.add(field, 'is required: at least one amount above 0, for example cores: 8');
  return parseAmounts(amounts, field, faults);
}

/** The fault of a share in basis points. */
export function shareFault(basisPoints: number): string | undefined {
  if (basisPoints >= 1 && basisPoints <= MOST_BASIS_POINTS) return undefined;
  return `is ${basisPoints} basis points; allowed are 1 (0.01 %) to ${MOST_BASIS_POINTS} (100 %)`;
}

/** The fault of a cluster's name: a path. */
export function clusterNameFault(text: string): string | undefined {
  const wrong = text.split('/').find((part) => !CLUSTER_PART.test(part));
  if (wrong === undefined) return undefined;
  return `is ${quoted(text)}; a cluster's name is a path of 1 to 63 letters, digits, '.', '_' and '-' each, such as default/spark`;
}

/** The fault of a template's name, and of a part's role. */
export function wordFault(text: string): string | undefined {
  if (CLUSTER_PART.test(text)) return undefined;
  return `is ${quoted(text)}; allowed are 1 to 63 letters, digits, '.', '_' and '-', and it starts with a letter or digit`;
}

/** Checks a name that may be empty. */
export function checkCluster(text: string, field: string, faults: Faults): void {
  if (text !== '') faults.check(field, clusterNameFault(text));
}

/** A whole number within limits; else a fault. */
export function checkNumber(value: number, most: number, field: string, faults: Faults): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > most)
    faults.add(field, `is ${value}; allowed are whole numbers from 0 to ${most}`);
}

/** What an enum's value stands for; undefined when it is unknown, and then `faults` says what is allowed. */
export function parseEnum<Name extends string>(
  value: number,
  names: Readonly<Record<Name, number>>,
  field: string,
  faults: Faults,
): Name | undefined {
  const known = Object.keys(names) as Name[];
  const found = known.find((name) => names[name] === value);
  if (found === undefined) {
    const allowed = known.map((name) => `${names[name]} (${name.toUpperCase()})`).join(', ');
    faults.add(field, `is ${value}; allowed are ${allowed}`);
  }
  return found;
}

/** Whether a field of a message says something. */
export function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== '';
}

/** What an update changes of an input; `fields` are the paths of a mask, each with what it is called inside. */
export function parsePatch<Input extends object, Path extends string>(
  mask: readonly string[] | undefined,
  fields: Readonly<Record<Path, keyof Input>>,
  input: Input,
  faults: Faults,
): { readonly paths: readonly Path[]; readonly patch: Patch<Input> } {
  const known = Object.keys(fields) as Path[];
  const paths = parseUpdateMask(mask, known, (path) => isSet(input[fields[path]]), faults);
  const patch = Object.fromEntries(paths.map((path) => [fields[path], input[fields[path]] ?? null])) as Patch<Input>;
  return { paths, patch };
}
