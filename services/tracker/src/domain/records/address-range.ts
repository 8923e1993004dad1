import type { Address } from './address.js';
import { bitsOf, formatAddress, parseAddress } from './address.js';

/** A range of addresses of one family, both ends included. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  /** The length of its prefix when it was written as a CIDR; undefined for `first-last`. */
  readonly prefixBits: number | undefined;
}

export type ParsedRange = { readonly range: AddressRange } | { readonly fault: string };

const ALLOWED = 'write a CIDR such as 10.0.0.0/24 or 2001:db8::/64, or first-last such as 10.0.0.10-10.0.0.20';

/** Reads a range, or says what is wrong and what is allowed. */
export function parseAddressRange(text: string): ParsedRange {
  const [base = '', bits, more] = text.split('/');
  if (bits !== undefined && more === undefined) return parseCidr(text, base, bits);
  const [from = '', to, rest] = text.split('-');
  const first = parseAddress(from.trim());
  const last = parseAddress((to ?? '').trim());
  if (first === undefined || last === undefined || rest !== undefined) return { fault: `is no range; ${ALLOWED}` };
  if (first.family !== last.family) return { fault: `mixes IPv4 and IPv6; ${ALLOWED}` };
  if (first.value > last.value) return { fault: `ends before it begins; write ${to ?? ''}-${from} if that is meant` };
  return { range: { family: first.family, first: first.value, last: last.value, prefixBits: undefined } };
}

function parseCidr(text: string, base: string, bits: string): ParsedRange {
  const address = parseAddress(base);
  if (address === undefined || !/^\d{1,3}$/.test(bits)) return { fault: `is no range; ${ALLOWED}` };
  const { family, value } = address;
  const prefixBits = Number(bits);
  if (prefixBits > bitsOf(family)) {
    return { fault: `has a prefix of ${bits} bits; an IPv${family} address has ${bitsOf(family)}` };
  }
  const size = 1n << BigInt(bitsOf(family) - prefixBits);
  const first = value - (value % size);
  if (first !== value) {
    const network = `${formatAddress({ family, value: first })}/${prefixBits}`;
    return { fault: `${text} names an address inside of a network; the network is ${network}` };
  }
  return { range: { family, first, last: first + size - 1n, prefixBits } };
}

/** A range in its one canonical form. */
export function formatAddressRange({ family, first, last, prefixBits }: AddressRange): string {
  const from = formatAddress({ family, value: first });
  return prefixBits === undefined ? `${from}-${formatAddress({ family, value: last })}` : `${from}/${prefixBits}`;
}

/**
 * What may be claimed of a range. Of an IPv4 network, its own address and the one for broadcasts are left out, unless it is
 * so small that they are all there is (/31 of RFC 3021, /32); `first-last` and IPv6 networks give every address.
 */
export function usableRange(range: AddressRange): AddressRange {
  const { family, first, last, prefixBits } = range;
  if (family === 6 || prefixBits === undefined || prefixBits > 30) return range;
  return { ...range, first: first + 1n, last: last - 1n };
}

/** How many addresses are in a range. */
export function sizeOf({ first, last }: AddressRange): bigint {
  return last - first + 1n;
}

export function isInRange({ family, first, last }: AddressRange, address: Address): boolean {
  return address.family === family && address.value >= first && address.value <= last;
}
