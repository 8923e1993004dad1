import { parseAddress, formatAddress } from './address.js';
import { formatAddressRange, parseAddressRange } from './address-range.js';
import type { FieldSchema, FieldValue } from './kind.js';

/** A value in canonical form, or what is wrong with it and what is allowed. */
export type CheckedValue = { readonly value: FieldValue } | { readonly fault: string };

type FieldRules = Pick<FieldSchema, 'type' | 'allowed' | 'pattern'>;

const MAX_TEXT = 1024;
const MAX_ITEMS = 256;

const WANTED: Readonly<Record<FieldSchema['type'], string>> = {
  STRING: 'a text',
  NUMBER: 'a number',
  BOOLEAN: 'true or false',
  STRINGS: 'a list of texts',
  ADDRESS: 'an IPv4 or IPv6 address as text',
  ADDRESS_RANGE: 'a range of addresses as text',
};

/** Checks a value as a client gave it (JSON) against a field's schema. */
export function checkValue(rules: FieldRules, given: unknown): CheckedValue {
  switch (rules.type) {
    case 'STRING':
      return typeof given === 'string' ? checkText(rules, given) : wrongType(rules, given);
    case 'NUMBER':
      if (typeof given !== 'number') return wrongType(rules, given);
      // 0 and -0 are equal, and must have one key.
      return Number.isFinite(given) ? checkAllowed(rules, given + 0) : { fault: `is ${given}; it must be finite` };
    case 'BOOLEAN':
      return typeof given === 'boolean' ? { value: given } : wrongType(rules, given);
    case 'STRINGS':
      return checkTexts(rules, given);
    case 'ADDRESS':
      return typeof given === 'string' ? checkAddress(given) : wrongType(rules, given);
    case 'ADDRESS_RANGE':
      return typeof given === 'string' ? checkRange(given) : wrongType(rules, given);
  }
}

/** The regular expression of a pattern, for the whole text. Throws SyntaxError. */
export function patternOf(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}

function wrongType({ type }: FieldRules, given: unknown): CheckedValue {
  const found = given === null ? 'null' : Array.isArray(given) ? 'a list' : `a ${typeof given}`;
  return { fault: `is ${found}; ${WANTED[type]} is expected` };
}

function checkText(rules: FieldRules, text: string): CheckedValue {
  if (text === '') return { fault: 'is empty; leave the field out, or give it a text' };
  if (text.length > MAX_TEXT) return { fault: `has ${text.length} characters; at most ${MAX_TEXT} are allowed` };
  // A half of a pair cannot be written as UTF-8, and would come back as another text.
  if (/\p{Cs}/u.test(text)) return { fault: 'has half of a surrogate pair; it must be valid Unicode' };
  if (text.includes('\0')) return { fault: 'has a NUL character; that is not allowed' };
  if (rules.pattern !== '' && !patternOf(rules.pattern).test(text)) {
    return { fault: `is ${shown(text)}; it must match ${rules.pattern}` };
  }
  return checkAllowed(rules, text);
}

function checkAllowed({ allowed }: FieldRules, value: string | number): CheckedValue {
  if (allowed.length === 0 || allowed.includes(String(value))) return { value };
  return { fault: `is ${shown(String(value))}; allowed are ${allowed.join(', ')}` };
}

function checkTexts(rules: FieldRules, given: unknown): CheckedValue {
  if (!Array.isArray(given)) return wrongType(rules, given);
  if (given.length > MAX_ITEMS) return { fault: `has ${given.length} items; at most ${MAX_ITEMS} are allowed` };
  const texts: string[] = [];
  for (const [index, item] of given.entries()) {
    if (typeof item !== 'string') return { fault: `item ${index} is no text; a list of texts is expected` };
    const checked = checkText(rules, item);
    if ('fault' in checked) return { fault: `item ${index} ${checked.fault}` };
    texts.push(item);
  }
  return { value: texts };
}

function checkAddress(text: string): CheckedValue {
  const address = parseAddress(text);
  if (address !== undefined) return { value: formatAddress(address) };
  return {
    fault: `is ${shown(text)}; an IPv4 address such as 10.0.0.7 or an IPv6 address such as 2001:db8::7 is expected`,
  };
}

function checkRange(text: string): CheckedValue {
  const parsed = parseAddressRange(text);
  return 'fault' in parsed ? parsed : { value: formatAddressRange(parsed.range) };
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
