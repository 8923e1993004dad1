import { sizeFault } from '@berth/server';
import type { BenchSpec, Offer } from '../domain/index.js';

/**
 * How large benches and offers may be, for messages and inventory files alike. Each check returns what is wrong and what is
 * allowed, or undefined when all is well.
 */

export const MAX_LOCATION = 256;
export const MAX_ENTITIES = 64;

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
