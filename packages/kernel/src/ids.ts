import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A random id of 16 characters (80 bits) that is easy to read aloud, after a prefix: `ls-7k2m…`. */
export function randomId(prefix: string): string {
  let id = `${prefix}-`;
  for (const byte of randomBytes(16)) id += ALPHABET.charAt(byte & 31);
  return id;
}
