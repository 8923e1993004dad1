import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 9;
const COUNT_CHARS = 4;
const RANDOM_CHARS = 8;

/** Random bytes for the next ids: asking for a few at a time costs more than the rest of an id. */
const pool = Buffer.alloc(512 * RANDOM_CHARS);
let unused = 0;

let lastMs = 0;
let count = 0;

/**
 * A unique id that comes after those made before it by this process: `al-` with time, count and 40 random bits. Each index
 * of a document ends with its id, and random ones would write all over every index: 10,000 took three times as long.
 */
export function orderedId(prefix: string, nowMs: number): string {
  const ms = Math.max(lastMs, Math.floor(nowMs));
  count = ms === lastMs ? count + 1 : 0;
  lastMs = ms;
  let id = `${prefix}-${digits(ms, TIME_CHARS)}${digits(count, COUNT_CHARS)}`;
  if (unused === 0) unused = randomFillSync(pool).length;
  for (let i = 0; i < RANDOM_CHARS; i += 1) id += ALPHABET.charAt((pool[(unused -= 1)] ?? 0) & 31);
  return id;
}

/** In base 32, the last `length` digits. */
function digits(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = ALPHABET.charAt(rest % 32) + text;
  return text;
}
