const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const SEED = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Short marks of who asks (as field 0) and of each top-level field of an encoded message: three characters each, in the
 * order of the fields' numbers (which are below 64). They tell which field of two messages differs, and are wrong once in
 * 4096 times; whether two messages differ is for a hash to say.
 */
export function fieldMarks(asker: string, payload: Uint8Array): string {
  let marks = '';
  let field = 0;
  let sum = SEED;
  for (let at = 0; at < asker.length; at++) sum = Math.imul(sum ^ asker.charCodeAt(at), PRIME);
  for (let at = 0; at < payload.length;) {
    const start = at;
    let tag = payload[at++] ?? 0;
    if (tag >= 0x80) tag = (tag & 0x7f) | ((payload[at++] ?? 0) << 7);
    const number = tag >>> 3;
    if (number !== field) {
      marks += markOf(field, sum);
      field = number;
      sum = SEED;
    }
    const end = endOf(payload, at, tag & 7);
    for (at = start; at < end; at++) sum = Math.imul(sum ^ (payload[at] ?? 0), PRIME);
  }
  return marks + markOf(field, sum);
}

/** The number of the first field that differs between two lists of marks; undefined when none does. */
export function differingField(marks: string, others: string): number | undefined {
  const [ours, theirs] = [marks, others].map((text) => new Set(text.match(/.../g) ?? []));
  const numbers = [...(ours ?? []), ...(theirs ?? [])]
    .filter((mark) => ours?.has(mark) !== theirs?.has(mark))
    .map((mark) => ALPHABET.indexOf(mark.charAt(0)));
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

function markOf(field: number, sum: number): string {
  const folded = sum ^ (sum >>> 12) ^ (sum >>> 24);
  return ALPHABET.charAt(field & 63) + ALPHABET.charAt((folded >>> 6) & 63) + ALPHABET.charAt(folded & 63);
}

/** Where the value at `at` ends. */
function endOf(payload: Uint8Array, at: number, wireType: number): number {
  if (wireType === 1) return at + 8;
  if (wireType === 5) return at + 4;
  let value = 0;
  let next = at;
  for (let shift = 0, more = true; more && next < payload.length; shift += 7, next++) {
    const byte = payload[next] ?? 0;
    more = byte >= 0x80;
    if (shift < 28) value |= (byte & 0x7f) << shift;
  }
  return wireType === 2 ? next + value : next;
}
