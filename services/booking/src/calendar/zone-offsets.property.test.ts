import { checkSeeded } from '@berth/testkit/seeded';
import test from 'ava';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { temporalCalendar } from './temporal-calendar.js';
import { ZoneOffsets } from './zone-offsets.js';

const DAY = 86_400_000;
const ZONES = [
  ...['UTC', 'Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca'],
  ...['America/Sao_Paulo', 'Asia/Kathmandu', 'Antarctica/Troll', 'Asia/Pyongyang'],
];
const zone = fc.constantFrom(...ZONES);
const instant = fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2100, 0, 1) });

/** Instants around changes of the clock, and any others. */
const near = fc
  .tuple(zone, instant, fc.integer({ min: -3 * DAY, max: 3 * DAY }), fc.boolean())
  .map(([name, atMs, by, isNear]) => {
    const change = isNear ? time(atMs, name).getTimeZoneTransition('next') : null;
    return { name, atMs: (change?.epochMilliseconds ?? atMs) + by };
  });

function time(atMs: number, name: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(name);
}

test('what is remembered of a zone is what Temporal says, in any order of questions', (t) => {
  const property = fc.property(fc.array(near, { minLength: 1, maxLength: 6 }), (questions) => {
    const calendar = temporalCalendar();
    for (const { name, atMs } of questions) {
      const asked = time(atMs, name);
      t.is(calendar.wallAt(atMs, name), atMs + asked.offsetNanoseconds / 1e6);
      const { fromMs, untilMs } = new ZoneOffsets(name).at(atMs);
      t.true(fromMs <= atMs && atMs < untilMs);
      // The same number read as a time on the wall.
      const wall = time(atMs, 'UTC').toPlainDateTime();
      const placed = wall.toZonedDateTime(name, { disambiguation: 'compatible' });
      const gap = wall.until(placed.toPlainDateTime()).total({ unit: 'milliseconds' });
      t.deepEqual(calendar.place(atMs, name), { atMs: placed.epochMilliseconds, gapMs: gap });
    }
  });
  checkSeeded(t, 150, property);
});
