import { MAX_NAME, quoted, sizeFault, tooLong } from '@berth/server';
import type { BenchSpec, Offer } from '../domain/index.js';

/**
 * What the texts and numbers of benches may look like, for messages and inventory files alike. Each check returns what is
 * wrong and what is allowed, or undefined when all is well.
 */

const NOT_IN_ATTRIBUTE = /[\s,[\]&=\p{Cc}]/u;

export const MAX_LOCATION = 256;
export const MAX_ENTITIES = 64;
export const MAX_ATTRIBUTES = 256;
export const MAX_WEIGHT = 1_000_000;

export function attributeNameFault(text: string): string | undefined {
  if (text === '') return 'is empty; give the name of an attribute';
  if (text.length > MAX_NAME) return tooLong(text, MAX_NAME);
  if (!NOT_IN_ATTRIBUTE.test(text)) return undefined;
  return `is ${quoted(text)}; an attribute has no comma, bracket, '&', '=' or white space`;
}

export function weightFault(weight: number): string | undefined {
  if (Number.isInteger(weight) && Math.abs(weight) <= MAX_WEIGHT) return undefined;
  return `is ${weight}; allowed are whole numbers from -${MAX_WEIGHT} to ${MAX_WEIGHT}`;
}

/** A lease of 16 benches is told whole, and clients take 4 MiB. */
const MAX_BENCH_BYTES = 192 * 1024;
/** Waiters are told of the offers that they could be served from. */
const MAX_OFFER_BYTES = 64 * 1024;

/** The fault of a bench's description that takes too much room, all of its parts together. */
export function benchSizeFault(bench: Omit<BenchSpec, 'name'>): string | undefined {
  return sizeFault(bench, MAX_BENCH_BYTES);
}

/** The fault of an offer that takes too much room. */
export function offerSizeFault(offer: Offer): string | undefined {
  return sizeFault(offer, MAX_OFFER_BYTES);
}
