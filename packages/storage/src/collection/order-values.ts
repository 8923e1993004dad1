import type { Scalar } from './collection.js';

const RANK = { number: 0, string: 1, boolean: 2 } as const;

function rank(value: Scalar): number {
  return RANK[typeof value as keyof typeof RANK];
}

/** The order that all engines keep: numbers, texts by code point (which is the order of their UTF-8 bytes), false, true. */
export function compareValues(a: Scalar, b: Scalar): number {
  const ranks = rank(a) - rank(b);
  if (ranks !== 0) return ranks;
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return Number(a) - Number(b);
}

const LAST_CODE_POINT = 0x10ffff;
const BEFORE_SURROGATES = 0xd7ff;
const AFTER_SURROGATES = 0xe000;

/** The least text that is greater than all texts with this prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let point = points.pop(); point !== undefined; point = points.pop()) {
    if (point === LAST_CODE_POINT) continue;
    const next = point === BEFORE_SURROGATES ? AFTER_SURROGATES : point + 1;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}
