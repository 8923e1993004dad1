/**
 * What texts may look like, for messages and inventory files alike. Each check returns what is wrong and what is allowed,
 * or undefined when all is well.
 */

const NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const NOT_IN_ATTRIBUTE = /[\s,[\]&=\p{Cc}]/u;
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LINES = /[^\P{Cc}\n\t]/u;
const REQUEST_ID = /^[\x20-\x7e]*$/;

export const MAX_NAME = 128;
export const MAX_LOCATION = 256;
export const MAX_LABELS = 64;
export const MAX_ENTITIES = 64;
export const MAX_ATTRIBUTES = 256;
export const MAX_PROPERTIES = 256;
export const MAX_WEIGHT = 1_000_000;
const MAX_LABEL_VALUE = 256;
const MAX_PROPERTY_VALUE = 16_384;
const MAX_PROSE = 1024;

/** Names of benches, entities and pools, and the keys of labels and properties. */
export function nameFault(text: string): string | undefined {
  if (text === '') return 'is empty; give a name';
  if (text.length > MAX_NAME) return tooLong(text, MAX_NAME);
  if (NAME.test(text)) return undefined;
  return `is ${quoted(text)}; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`;
}

export function attributeNameFault(text: string): string | undefined {
  if (text === '') return 'is empty; give the name of an attribute';
  if (text.length > MAX_NAME) return tooLong(text, MAX_NAME);
  if (!NOT_IN_ATTRIBUTE.test(text)) return undefined;
  return `is ${quoted(text)}; an attribute has no comma, bracket, '&', '=' or white space`;
}

/** Locations, affinities and other short texts on one line; `max` in characters. */
export function lineFault(text: string, max: number): string | undefined {
  if (text.length > max) return tooLong(text, max);
  if (CONTROL.test(text)) return `is ${quoted(text)}; control characters (new line, tab …) are not allowed`;
  return text.trim() === text ? undefined : `is ${quoted(text)}; remove the white space at its ends`;
}

export function labelValueFault(text: string): string | undefined {
  return lineFault(text, MAX_LABEL_VALUE);
}

export function propertyValueFault(text: string): string | undefined {
  return text.length > MAX_PROPERTY_VALUE ? tooLong(text, MAX_PROPERTY_VALUE) : undefined;
}

/** Descriptions and reasons: for people, may have several lines. */
export function proseFault(text: string): string | undefined {
  if (text.length > MAX_PROSE) return tooLong(text, MAX_PROSE);
  return CONTROL_BUT_LINES.test(text) ? 'has control characters; only new line and tab are allowed' : undefined;
}

/** Ids of requests, as callers choose them. */
export function requestIdFault(text: string): string | undefined {
  if (text.length > MAX_NAME) return tooLong(text, MAX_NAME);
  return REQUEST_ID.test(text) ? undefined : `is ${quoted(text)}; only printable ASCII characters are allowed`;
}

export function weightFault(weight: number): string | undefined {
  if (Number.isInteger(weight) && Math.abs(weight) <= MAX_WEIGHT) return undefined;
  return `is ${weight}; allowed are whole numbers from -${MAX_WEIGHT} to ${MAX_WEIGHT}`;
}

/** A text in quotes, cut when it is long, with control characters made visible. */
export function quoted(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(shown);
}

function tooLong(text: string, max: number): string {
  return `has ${text.length} characters; at most ${max} are allowed`;
}
