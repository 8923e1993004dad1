import type { DescEnum } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { didYouMean } from '@berth/kernel';

const INTEGER = /^-?\d+$/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const SPECIAL_NUMBERS = ['NaN', 'Infinity', '-Infinity'];
/** The ranges of whole numbers; 64 bits unless named here. */
const INT32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const UINT32 = [0n, 2n ** 32n - 1n] as const;
const INT64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const UINT64 = [0n, 2n ** 64n - 1n] as const;

/** What is wrong with a JSON value for a field of this type, as the end of a sentence; undefined = nothing. */
export function scalarFault(type: ScalarType, json: unknown): string | undefined {
  switch (type) {
    case ScalarType.STRING:
      if (typeof json !== 'string') return `must be a text, is ${shown(json)}`;
      return textFault(json);
    case ScalarType.BOOL:
      return typeof json === 'boolean' ? undefined : `must be true or false, is ${shown(json)}`;
    case ScalarType.BYTES:
      return typeof json === 'string' && BASE64.test(json) ? undefined : `must be bytes in base64, is ${shown(json)}`;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return numberFault(json);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return integerFault(json, INT32);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return integerFault(json, UINT32);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return integerFault(json, INT64);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return integerFault(json, UINT64);
  }
}

/** What is wrong with a JSON value for a field of this enum; undefined = nothing. Values of newer protos go by number. */
export function enumFault(type: DescEnum, json: unknown): string | undefined {
  if (typeof json === 'number') return integerFault(json, INT32);
  const names = type.values.map(({ name }) => name);
  if (typeof json !== 'string') return `must be one of ${names.join(', ')}, is ${shown(json)}`;
  if (names.includes(json)) return undefined;
  return `must be one of ${names.join(', ')}, is ${shown(json)}${didYouMean(json, names)}`;
}

function numberFault(json: unknown): string | undefined {
  if (typeof json === 'number') return undefined;
  if (typeof json === 'string' && (NUMBER.test(json) || SPECIAL_NUMBERS.includes(json))) return undefined;
  return `must be a number, is ${shown(json)}`;
}

function integerFault(json: unknown, [least, most]: readonly [bigint, bigint]): string | undefined {
  const isWhole = typeof json === 'number' ? Number.isInteger(json) : typeof json === 'string' && INTEGER.test(json);
  if (!isWhole) return `must be a whole number, is ${shown(json)}`;
  if (typeof json === 'number' && !Number.isSafeInteger(json)) {
    return `is ${String(json)}; write numbers beyond 2^53 as text, since JSON rounds them`;
  }
  const value = BigInt(json as number | string);
  return value < least || value > most
    ? `must be from ${String(least)} to ${String(most)}, is ${String(json)}`
    : undefined;
}

/** What is wrong with a text: UTF-8 cannot write half of a surrogate pair. */
export function textFault(text: string): string | undefined {
  return /\p{Surrogate}/u.test(text) ? 'has half of a surrogate pair; send whole characters' : undefined;
}

/** A value for people: short, in one line. */
export function shown(json: unknown): string {
  if (Array.isArray(json)) return 'a list';
  if (typeof json === 'object' && json !== null) return 'an object';
  const text = JSON.stringify(json);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
