import { quoted } from '@berth/server';
import { z } from 'zod';

/** A value that was read, or the way in which it is wrong and what is allowed. */
type Reading<T> = { readonly value: T } | { readonly fault: string; readonly path?: readonly (string | number)[] };

/** A schema of one value in a file: `read` makes it of what stands there. */
export function valueOf<T>(read: (found: unknown) => Reading<T>) {
  return z.unknown().transform((found, context): T => {
    const reading = read(found);
    if ('value' in reading) return reading.value;
    const path = [...(reading.path ?? [])];
    context.issues.push({ code: 'custom', message: reading.fault, input: found, path });
    return z.NEVER;
  });
}

/** A whole number. */
export function whole(min: number, max: number) {
  return number(min, max, true);
}

export function number(min: number, max: number, isWhole = false) {
  const expected = `a ${isWhole ? 'whole ' : ''}number from ${min} to ${max} is expected`;
  return valueOf((found) => {
    const good = typeof found === 'number' && found >= min && found <= max && (!isWhole || Number.isInteger(found));
    return good ? { value: found } : { fault: `${foundText(found)}; ${expected}` };
  });
}

export function truth() {
  return valueOf((found) =>
    typeof found === 'boolean' ? { value: found } : { fault: `${foundText(found)}; true or false is expected` },
  );
}

/** A text that `fault` finds nothing wrong with. */
export function text(fault: (text: string) => string | undefined) {
  return valueOf((found) => readText(found, fault));
}

export function readText(found: unknown, fault: (text: string) => string | undefined): Reading<string> {
  if (typeof found !== 'string') return { fault: `${foundText(found)}; a text is expected${inQuotes(found)}` };
  const wrong = fault(found);
  return wrong === undefined ? { value: found } : { fault: wrong };
}

/** One of a few words, in lower case in the file, and in capitals as a value. */
export function word<T extends string>(words: readonly T[]) {
  const allowed = words.map((one) => one.toLowerCase()).join(', ');
  return valueOf((found) => {
    const value = words.find((one) => one.toLowerCase() === found);
    return value === undefined ? { fault: `${foundText(found)}; allowed are ${allowed}` } : { value };
  });
}

/** Bytes: a number, or a text with a unit. */
export function size(min: number, max: number) {
  const expected = `bytes from ${min} to ${max} are expected, as a whole number or with a unit (4 KiB, 1 MiB)`;
  return valueOf((found) => {
    const bytes = typeof found === 'string' ? bytesOf(found) : found;
    const good = typeof bytes === 'number' && Number.isInteger(bytes) && bytes >= min && bytes <= max;
    return good ? { value: bytes } : { fault: `${foundText(found)}; ${expected}` };
  });
}

function bytesOf(found: string): number | undefined {
  const [, count, unit] = /^(\d+) ?(B|KiB|MiB)$/.exec(found) ?? [];
  return count === undefined
    ? undefined
    : Number(count) * { B: 1, KiB: 1024, MiB: 1 << 20 }[unit as 'B' | 'KiB' | 'MiB'];
}

/** A list of values that each differ from all others by what `key` makes of them. */
export function list<T>(max: number, read: (found: unknown) => Reading<T>, key: (value: T) => string) {
  return z.unknown().transform((found, context): readonly T[] => {
    const fault = (message: string, path: readonly (string | number)[] = []): void => {
      context.issues.push({ code: 'custom', message, input: found, path: [...path] });
    };
    const items: readonly unknown[] = Array.isArray(found) ? found : [];
    if (!Array.isArray(found)) fault(`${foundText(found)}; a list such as [a, b] is expected`);
    if (items.length > max) fault(`has ${items.length} items; at most ${max} are allowed`);
    const values = new Map<string, T>();
    for (const [at, item] of items.slice(0, max).entries()) {
      const reading = read(item);
      if ('fault' in reading) fault(reading.fault, [at, ...(reading.path ?? [])]);
      else if (values.has(key(reading.value))) fault(`${quoted(key(reading.value))} stands twice; remove one`, [at]);
      else values.set(key(reading.value), reading.value);
    }
    return [...values.values()];
  });
}

/** A value of a file, as the beginning of a sentence. */
export function foundText(found: unknown): string {
  if (found === null || found === undefined) return 'is empty';
  if (Array.isArray(found)) return 'is a list';
  if (typeof found === 'object') return 'is a mapping (key: value)';
  if (typeof found === 'string') return `is the text ${quoted(found)}`;
  return `is the ${typeof found} ${JSON.stringify(found)}`;
}

/** The end of a fault of what would have been a text in quotes. */
export function inQuotes(found: unknown): string {
  return typeof found === 'number' || typeof found === 'boolean' ? '; write it in quotes' : '';
}
