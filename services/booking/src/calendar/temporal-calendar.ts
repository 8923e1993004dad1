import { Temporal } from 'temporal-polyfill';
import type { Calendar, Placement, WallMs } from '../ports/calendar.js';
import { expandRule } from './expand-rule.js';

/** How many placements are remembered for each zone, and of how many zones. */
const MOST_PLACEMENTS = 20_000;
const MOST_ZONES = 64;

/** The calendar of the Temporal polyfill and its zones, with the rules of rrule-temporal. Holds nothing but caches. */
export function temporalCalendar(): Calendar {
  const names = Intl.supportedValuesOf('timeZone');
  const placements = new Map<string, Map<WallMs, Placement>>();
  return {
    zone: canonicalZone,
    zones: () => names,
    wallAt: (atMs, zone) => wallOf(Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone)),
    place: (wallMs, zone) => {
      const known = remember(placements, zone, MOST_ZONES, () => new Map<WallMs, Placement>());
      return remember(known, wallMs, MOST_PLACEMENTS, () => place(wallMs, zone));
    },
    addMonths: (wallMs, months) => wallOf(onTheWall(wallMs).add({ months })),
    weekday: (wallMs) => onTheWall(wallMs).dayOfWeek,
    readDate,
    writeDate: (wallMs) => onTheWall(wallMs).toPlainDate().toString(),
    expand: expandRule,
  };
}

/** What is remembered for a key, or is now; a full memory begins again. */
function remember<Key, Value>(memory: Map<Key, Value>, key: Key, most: number, make: () => Value): Value {
  const known = memory.get(key);
  if (known !== undefined) return known;
  if (memory.size >= most) memory.clear();
  const made = make();
  memory.set(key, made);
  return made;
}

/** Temporal also takes offsets and whole times with a zone in brackets, which are not names of zones. */
function canonicalZone(name: string): string | undefined {
  if (!/^[a-z][a-z0-9_+/-]*$/i.test(name)) return undefined;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
  } catch {
    return undefined;
  }
}

function place(wallMs: WallMs, zone: string): Placement {
  // 'compatible': the first of two, and on by the gap.
  const placed = onTheWall(wallMs).toPlainDateTime().toZonedDateTime(zone, { disambiguation: 'compatible' });
  return { atMs: placed.epochMilliseconds, gapMs: Math.max(0, wallOf(placed) - wallMs) };
}

/** Wall-clock time as a time of UTC, where no clock is ever changed. */
function onTheWall(wallMs: WallMs): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(wallMs).toZonedDateTimeISO('UTC');
}

function wallOf(time: Temporal.ZonedDateTime): WallMs {
  return time.epochMilliseconds + time.offsetNanoseconds / 1e6;
}

function readDate(text: string): WallMs | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return undefined;
  try {
    return Temporal.PlainDate.from(text).toZonedDateTime('UTC').epochMilliseconds;
  } catch {
    return undefined;
  }
}
