import type { Calendar, WallMs } from '../time/calendar.js';
import { DAY_MS } from '../time/wall.js';
import { seriesError } from './problem.js';

/** How a rule ends: after so many occurrences, or at an instant that still belongs to it. */
export type RuleEnd = { readonly count: number } | { readonly untilMs: number };

/** A rule of which COUNT and UNTIL are known, and the rest is the library's. */
export interface Rule {
  /** Without COUNT and UNTIL. */
  readonly text: string;
  readonly end: RuleEnd;
}

/** The parts of RFC 5545 3.3.10 with one value, and what it looks like. The library would drop what it cannot read. */
const SINGLE: Readonly<Record<string, RegExp>> = {
  FREQ: /^(?:YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY|SECONDLY)$/,
  INTERVAL: /^0*[1-9]\d{0,6}$/,
  COUNT: /^0*[1-9]\d{0,8}$/,
  UNTIL: /^\d{8}(?:T\d{6}Z?)?$/,
  WKST: /^(?:MO|TU|WE|TH|FR|SA|SU)$/,
};

const WEEKDAYS = /^(?:[+-]?(?:0?[1-9]|[1-4]\d|5[0-3]))?(?:MO|TU|WE|TH|FR|SA|SU)$/;

/** The parts with a list of numbers: their least and most. Those that count backwards too lack 0. */
const NUMBERS: Readonly<Record<string, readonly [number, number]>> = {
  BYSECOND: [0, 59],
  BYMINUTE: [0, 59],
  BYHOUR: [0, 23],
  BYMONTHDAY: [-31, 31],
  BYYEARDAY: [-366, 366],
  BYWEEKNO: [-53, 53],
  BYMONTH: [1, 12],
  BYSETPOS: [-366, 366],
};

/** Reads an RRULE, with or without that name before it; INVALID_SERIES for `path.rule` if it is none, or has no end. */
export function readRule(calendar: Calendar, rule: string, zone: string, path: string): Rule {
  const parts = readParts(rule, path);
  const count = parts.get('COUNT');
  const until = parts.get('UNTIL');
  if (!parts.has('FREQ')) throw seriesError(path, 'rule', 'RULE', 'a rule needs FREQ, such as FREQ=WEEKLY');
  if (count !== undefined && until !== undefined) {
    throw seriesError(path, 'rule', 'COUNT_AND_UNTIL', 'COUNT and UNTIL exclude each other; leave out one of them');
  }
  parts.delete('COUNT');
  parts.delete('UNTIL');
  const text = [...parts].map(([name, value]) => `${name}=${value}`).join(';');
  if (count !== undefined) return { text, end: { count: Number(count) } };
  if (until !== undefined) return { text, end: { untilMs: readUntil(calendar, until, zone, path) } };
  throw seriesError(path, 'rule', 'ENDLESS', 'the rule never ends; add COUNT or UNTIL');
}

function readParts(rule: string, path: string): Map<string, string> {
  const parts = new Map<string, string>();
  const text = rule
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '');
  for (const part of text.split(';')) {
    const [name = '', value, ...more] = part.split('=');
    const isRight = checkOf(name);
    if (isRight === undefined || value === undefined || more.length > 0) {
      throw seriesError(path, 'rule', 'RULE', `'${part}' is not a part of a rule`);
    }
    const wrong = (Object.hasOwn(SINGLE, name) ? [value] : value.split(',')).find((one) => !isRight(one));
    if (wrong !== undefined) throw seriesError(path, 'rule', 'RULE', `'${wrong}' is not a value of ${name}`);
    if (parts.has(name)) throw seriesError(path, 'rule', 'RULE', `${name} stands twice`);
    parts.set(name, value);
  }
  return parts;
}

/** What tells the values of a part from others; undefined if there is no such part. */
function checkOf(name: string): ((value: string) => boolean) | undefined {
  const pattern = name === 'BYDAY' ? WEEKDAYS : Object.hasOwn(SINGLE, name) ? SINGLE[name] : undefined;
  if (pattern !== undefined) return (value) => pattern.test(value);
  const [least, most] = (Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined) ?? [1, 0];
  if (least > most) return undefined;
  return (value) => {
    const number = Number(value);
    return /^[+-]?\d{1,3}$/.test(value) && number >= least && number <= most && (number !== 0 || least === 0);
  };
}

/** The last instant that UNTIL leaves: as UTC, on the wall of the zone, or with the end of a day there. */
function readUntil(calendar: Calendar, until: string, zone: string, path: string): number {
  const date = calendar.readDate(`${until.slice(0, 4)}-${until.slice(4, 6)}-${until.slice(6, 8)}`);
  const [hours, minutes, seconds] = [9, 11, 13].map((at) => Number(until.slice(at, at + 2)));
  if (date === undefined || (hours ?? 0) > 23 || (minutes ?? 0) > 59 || (seconds ?? 0) > 59) {
    throw seriesError(path, 'rule', 'RULE', `there is no time '${until}'`);
  }
  const place = (wallMs: WallMs): number => calendar.place(wallMs, zone).atMs;
  if (until.length === 8) return place(date + DAY_MS) - 1;
  const wallMs = date + (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
  return until.endsWith('Z') ? wallMs : place(wallMs);
}
