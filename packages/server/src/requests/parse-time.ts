import type { Faults } from './faults.js';

/** Milliseconds of a time; undefined when it is absent or none that can be reckoned with, and then `faults` says so. */
export function parseTime(time: Date | undefined, field: string, faults: Faults): number | undefined {
  if (time === undefined) return undefined;
  const ms = time.getTime();
  if (Number.isFinite(ms) && ms >= 0) return ms;
  faults.add(field, 'is no time after 1970 that can be reckoned with');
  return undefined;
}
