import { Temporal } from 'temporal-polyfill';
import type { Calendar, Placement, WallMs } from '../ports/calendar.js';
import { expandRule } from './expand-rule.js';
import { ZoneOffsets } from './zone-offsets.js';

/** The offsets of so many zones are remembered. */
const MOST_ZONES = 64;

/** No clock is changed by more; around a change Temporal itself is asked where a time lies. */
const NEAR_MS = 2 * 86_400_000;

/** The calendar of the Temporal polyfill and its zones, with the rules of rrule-temporal. Holds nothing but caches. */
export function temporalCalendar(): Calendar {
  const names = Intl.supportedValuesOf('timeZone');
  const known = new Map<string, ZoneOffsets>();
  const offsetsOf = (zone: string): ZoneOffsets => {
    let offsets = known.get(zone);
    if (offsets !== undefined) return offsets;
    if (known.size >= MOST_ZONES) known.clear();
    known.set(zone, (offsets = new ZoneOffsets(zone)));
    return offsets;
  };
  return {
    zone: canonicalZone,
    zones: () => names,
    wallAt: (atMs, zone) => atMs + offsetsOf(zone).at(atMs).offsetMs,
    place: (wallMs, zone) => {
      const { fromMs, untilMs, offsetMs } = offsetsOf(zone).at(wallMs);
      const atMs = wallMs - offsetMs;
      if (atMs - NEAR_MS > fromMs && atMs + NEAR_MS < untilMs) return { atMs, gapMs: 0 };
      return place(wallMs, zone);
    },
    addMonths: (wallMs, months) => wallOf(onTheWall(wallMs).add({ months })),
    weekday: (wallMs) => onTheWall(wallMs).dayOfWeek,
    readDate,
    writeDate: (wallMs) => onTheWall(wallMs).toPlainDate().toString(),
    expand: expandRule,
  };
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
