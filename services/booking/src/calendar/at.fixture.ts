import { temporalCalendar } from './temporal-calendar.js';

/** The calendar of tests. */
export const calendar = temporalCalendar();

/** Wall-clock time from text, for tests: `2020-01-31` or `2020-01-31T09:30`. */
export function wall(text: string): number {
  return Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`);
}

/** Wall-clock time as text, without what is zero at its end: `2020-01-31`, `2020-01-31T09:30`. */
export function writeWall(wallMs: number): string {
  return new Date(wallMs)
    .toISOString()
    .replace(/(:00)?\.000Z$/, '')
    .replace(/T00:00$/, '');
}
