import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Random bytes for the next ids: asking for a few at a time costs more than the rest of an id. */
const pool = Buffer.alloc(4096);
let unused = 0;

/** Random characters of five bits each that are easy to read aloud. */
export function randomChars(count: number): string {
  let chars = '';
  for (let i = 0; i < count; i += 1) {
    if (unused === 0) unused = randomFillSync(pool).length;
    chars += ALPHABET.charAt((pool[(unused -= 1)] ?? 0) & 31);
  }
  return chars;
}

/** A number in the same characters: in base 32, the last `length` digits. */
export function base32Digits(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = ALPHABET.charAt(rest % 32) + text;
  return text;
}

/** A random id of 16 characters (80 bits) that is easy to read aloud, after a prefix: `ls-7k2m…`. */
export function randomId(prefix: string): string {
  return `${prefix}-${randomChars(16)}`;
}
