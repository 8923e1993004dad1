import { bitsOf, parseAddress } from './address.js';
import type { Address } from './address.js';
import { parseAddressRange } from './address-range.js';
import type { FieldSchema, FieldValue } from './kind.js';

/**
 * The key of a value: a text, such that keys of one type are ordered (by code point) as their values are. Equal values, and
 * only those, have equal keys. Ranges of addresses are ordered by their first address, then by their last.
 */
export function orderKey({ type, ignoreCase }: Pick<FieldSchema, 'type' | 'ignoreCase'>, value: FieldValue): string {
  if (typeof value === 'number') return numberKey(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value !== 'string') throw new TypeError('a list has no order');
  if (type === 'ADDRESS') {
    const address = parseAddress(value);
    if (address !== undefined) return addressKey(address);
  }
  if (type === 'ADDRESS_RANGE') {
    const parsed = parseAddressRange(value);
    if ('range' in parsed) return rangeKey(parsed.range);
  }
  return ignoreCase === true ? foldCase(value) : value;
}

/** A text in lower case and in Unicode's composed form (NFC). */
export function foldCase(text: string): string {
  // Lower case may leave letters that can be composed, so that comes last.
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}

/** All IPv4 addresses before all IPv6 ones, each in order. */
export function addressKey({ family, value }: Address): string {
  return `${family}${value.toString(16).padStart(bitsOf(family) / 4, '0')}`;
}

/** The address that has this key. */
export function addressOfKey(key: string): Address {
  return { family: key.startsWith('4') ? 4 : 6, value: BigInt(`0x${key.slice(1)}`) };
}

/** A network and the range of the same addresses give different usable ones, so they differ. */
function rangeKey(range: {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixBits: number | undefined;
}): string {
  const { family, first, last, prefixBits } = range;
  const end = addressKey({ family, value: last }).slice(1);
  return `${addressKey({ family, value: first })}-${end}${prefixBits === undefined ? '-' : '/'}`;
}

/** The bits of a double, turned so that they are ordered as the numbers are: IEEE 754 orders positive ones already. */
function numberKey(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value + 0);
  const bits = view.getBigUint64(0);
  const negative = bits >> 63n === 1n;
  const turned = negative ? ~bits & 0xffffffffffffffffn : bits | (1n << 63n);
  return turned.toString(16).padStart(16, '0');
}
