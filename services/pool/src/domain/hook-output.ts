/** So that base64 of the data is no longer than a property may be. */
const MAX_DATA_BYTES = 12 * 1024;
const MARK = new TextEncoder().encode('<< trimmed >>\n');
const NEW_LINE = 0x0a;
/** What a property cannot hold: control characters besides new line and tab. */
const NOT_IN_PROPERTY = /[^\P{Cc}\n\t]/u;

/**
 * The data of a resource: what `cmd_new` printed, when that is no more than the limit; else its first whole lines up to the
 * limit, or as much of the first line, and then a line `<< trimmed >>`. `output` is all of it, or begins with more bytes than the
 * limit has.
 */
export function dataOf(output: Uint8Array, limitBytes: number): Uint8Array {
  if (output.length <= limitBytes) return output;
  const room = output.subarray(0, Math.min(limitBytes, MAX_DATA_BYTES - MARK.length));
  const lines = room.lastIndexOf(NEW_LINE) + 1;
  const kept = lines > 0 ? room.subarray(0, lines) : room.subarray(0, wholeCharacters(output, room.length));
  const data = new Uint8Array(kept.length + MARK.length);
  data.set(kept);
  data.set(MARK, kept.length);
  return data;
}

/** The property that a bench has for its data: `data`, or `data_base64` where a property cannot hold it. */
export function dataProperty(
  base64: string,
): Readonly<Record<'data', string>> | Readonly<Record<'data_base64', string>> {
  const text = textOf(base64);
  return text === undefined || NOT_IN_PROPERTY.test(text) ? { data_base64: base64 } : { data: text };
}

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

/** The most bytes up to `end` that do not end within a character of UTF-8. */
function wholeCharacters(bytes: Uint8Array, end: number): number {
  let whole = end;
  while (whole > end - 4 && whole > 0 && ((bytes[whole] ?? 0) & 0xc0) === 0x80) whole -= 1;
  return whole > end - 4 ? whole : end;
}
