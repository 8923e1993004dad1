/** A day on the wall, in milliseconds; a day in a zone has 23 or 25 hours where the clock is changed. */
export const DAY_MS = 86_400_000;
