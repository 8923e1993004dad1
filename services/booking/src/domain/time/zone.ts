import { didYouMean, invalidField } from '@berth/kernel';
import type { Calendar } from './calendar.js';

/** The name of a zone as it is spelled; UNKNOWN_TIME_ZONE if there is no such zone. */
export function requireZone(calendar: Calendar, name: string, path: string): string {
  const zone = calendar.zone(name);
  if (zone !== undefined) return zone;
  const hint = didYouMean(name, calendar.zones());
  throw invalidField(path, `there is no time zone '${name}' (IANA, such as Europe/London)${hint}`, 'UNKNOWN_TIME_ZONE');
}
