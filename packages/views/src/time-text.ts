const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span for people, in at most two units: `8s`, `4m`, `2h 5m`, `3d 4h`. Negative spans count as none. */
export function spanText(ms: number): string {
  const rounded = Math.max(0, Math.round(ms / SECOND) * SECOND);
  if (rounded < MINUTE) return `${String(rounded / SECOND)}s`;
  if (rounded < HOUR) return `${String(Math.floor(rounded / MINUTE))}m`;
  if (rounded < DAY) return twoUnits(rounded, HOUR, 'h', MINUTE, 'm');
  return twoUnits(rounded, DAY, 'd', HOUR, 'h');
}

function twoUnits(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small);
  const first = `${String(Math.floor(ms / big))}${bigName}`;
  return rest === 0 ? first : `${first} ${String(rest)}${smallName}`;
}

/** A time of day, with the date when it is not today's: `12:03`, `2031-05-09 12:03`. Local time. */
export function clockText(at: Date, now: Date): string {
  const pad = (n: number): string => String(n).padStart(2, '0');
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return time;
  return `${String(at.getFullYear())}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${time}`;
}

/** When something began: `12:03 (4m)`; empty when that is not known. */
export function sinceText(at: Date | undefined, now: Date): string {
  return at ? `${clockText(at, now)} (${spanText(now.getTime() - at.getTime())})` : '';
}

/** When something ends: `13:00 (in 55m)`; empty when no end is known. */
export function untilText(at: Date | undefined, now: Date): string {
  if (!at) return '';
  const left = at.getTime() - now.getTime();
  return left > 0 ? `${clockText(at, now)} (in ${spanText(left)})` : `${clockText(at, now)} (now)`;
}
