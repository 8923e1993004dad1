import type { MessageType } from '@berth/server';

/** Values of a field of any type, by wire type: what a decoder makes of one of them is not the default. */
const PROBES = [
  [0, 1],
  [2, 2, 8, 1],
] as const;

/**
 * The name of a message's field, as in the proto, by its number; undefined when there is none. The generated code has no
 * table of them, so it is found by what a decoder does with such a field.
 */
export function fieldName<T>(type: MessageType<T>, field: number): string | undefined {
  const empty = Object.entries(type.decode(new Uint8Array()) as object).map(([, value]) => JSON.stringify(value));
  for (const [wireType, ...value] of PROBES) {
    const tag = (field << 3) | wireType;
    const bytes = tag < 0x80 ? [tag, ...value] : [(tag & 0x7f) | 0x80, tag >>> 7, ...value];
    const fields = Object.entries(decoded(type, Uint8Array.from(bytes)));
    const found = fields.find(([, part], i) => JSON.stringify(part) !== empty[i]);
    if (found === undefined) continue;
    const [key, part] = found as [string, { $case?: string } | undefined];
    return (part?.$case ?? key).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
  return undefined;
}

/** Nothing for what cannot be decoded: a field of another type. */
function decoded<T>(type: MessageType<T>, bytes: Uint8Array): object {
  try {
    return type.decode(bytes) as object;
  } catch {
    return {};
  }
}
