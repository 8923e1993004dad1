import type { AddressRange } from './address-range.js';

/** What a walk over a range found. */
export interface Gaps {
  readonly free: readonly bigint[];
  /** Where to go on: everything before it was looked at. */
  readonly next: bigint;
}

/**
 * The first free addresses, at most `count`, from `from` up to and with `until`. `used` are the ones in use in that stretch,
 * in order.
 */
export function freeAddresses(used: Iterable<bigint>, from: bigint, until: bigint, count: number): Gaps {
  const free: bigint[] = [];
  let next = from;
  const take = (end: bigint): void => {
    while (next < end && free.length < count) {
      free.push(next);
      next += 1n;
    }
  };
  for (const address of used) {
    take(address);
    if (free.length >= count) return { free, next };
    if (address >= next) next = address + 1n;
  }
  take(until + 1n);
  return { free, next };
}

/** The part of a range from an address on; undefined when nothing is left. */
export function rangeFrom(range: AddressRange, from: bigint): AddressRange | undefined {
  if (from > range.last) return undefined;
  return from <= range.first ? range : { ...range, first: from };
}
