/** The class of what ended without ever having been ALLOCATED. */
export const NEVER_ALLOCATED = -1;

const FIRST_MS = 60_000;
const GROWTH = 4;
/** A minute, then up to 4, 16 … minutes; the last one up to 127 years, and whatever is longer. */
const COUNT = 14;

/** The classes of what was ALLOCATED, the shortest times first. */
export const SPAN_CLASSES: readonly number[] = Array.from({ length: COUNT }, (_, i) => i);

/** The classes of all that has ended. */
export const ENDED_CLASSES: readonly number[] = [NEVER_ALLOCATED, ...SPAN_CLASSES];

/**
 * The class of a length of time. An index of class and end finds what overlaps a window without going through all that has
 * ended since: of a class with a longest time, only what ended so long after the window can have begun before its end.
 * Classes grow by a factor, so that this is at most so many times as much as what overlaps the window's end.
 */
export function spanClassOf(ms: number): number {
  let found = 0;
  while (found < COUNT - 1 && ms > longestOfClass(found)) found += 1;
  return found;
}

/** The longest time of a class, in milliseconds; Infinity for the last one. */
export function longestOfClass(spanClass: number): number {
  return spanClass < COUNT - 1 ? FIRST_MS * GROWTH ** spanClass : Infinity;
}
