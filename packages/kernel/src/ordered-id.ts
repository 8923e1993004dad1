import { base32Digits, randomChars } from './ids.js';

const TIME_CHARS = 9;
const COUNT_CHARS = 4;
const RANDOM_CHARS = 8;

let lastMs = 0;
let count = 0;

/**
 * A unique id that comes after those made before it by this process: a prefix with time, count and 40 random bits. Each index
 * of a document ends with its id, and random ones would write all over every index: 10,000 took three times as long.
 */
export function orderedId(prefix: string, nowMs: number): string {
  const ms = Math.max(lastMs, Math.floor(nowMs));
  count = ms === lastMs ? count + 1 : 0;
  lastMs = ms;
  return `${prefix}-${base32Digits(ms, TIME_CHARS)}${base32Digits(count, COUNT_CHARS)}${randomChars(RANDOM_CHARS)}`;
}
