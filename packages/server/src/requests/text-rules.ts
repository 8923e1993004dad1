/**
 * What texts may look like, for messages and files alike. Each check returns what is wrong and what is allowed,
 * or undefined when all is well.
 */

const NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LINES = /[^\P{Cc}\n\t]/u;
const REQUEST_ID = /^[\x20-\x7e]*$/;
const LAB = /^[a-z0-9-]{1,63}$/;
const NOT_IN_ATTRIBUTE = /[\s,[\]&=\p{Cc}]/u;

export const MAX_NAME = 128;
export const MAX_LABELS = 64;
export const MAX_PROPERTIES = 256;
export const MAX_ATTRIBUTES = 256;
export const MAX_WEIGHT = 1_000_000;
const MAX_LABEL_VALUE = 256;
const MAX_PROPERTY_VALUE = 16_384;
const MAX_PROSE = 1024;

/** Names of things, and the keys of labels and properties. */
export function nameFault(text: string): string | undefined {
  if (text === '') return 'is empty; give a name';
  if (text.length > MAX_NAME) return tooLong(text, MAX_NAME);
  if (NAME.test(text)) return undefined;
  return `is ${quoted(text)}; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`;
}

/** Names of attributes, and the tags of pools and tickets, which become attributes. */
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
  return linesFault(text, MAX_PROPERTY_VALUE);
}

/** Descriptions and reasons: for people, may have several lines. */
export function proseFault(text: string): string | undefined {
  return linesFault(text, MAX_PROSE);
}

/** Texts of several lines; a property with a NUL could not become a variable of `berth run`. */
function linesFault(text: string, max: number): string | undefined {
  if (text.length > max) return tooLong(text, max);
  return CONTROL_BUT_LINES.test(text) ? 'has control characters; only new line and tab are allowed' : undefined;
}

/** Ids of requests, as callers choose them. */
export function requestIdFault(text: string): string | undefined {
  if (text.length > MAX_NAME) return tooLong(text, MAX_NAME);
  return REQUEST_ID.test(text) ? undefined : `is ${quoted(text)}; only printable ASCII characters are allowed`;
}

/** Names of labs. */
export function labFault(text: string): string | undefined {
  if (LAB.test(text)) return undefined;
  return `is '${text.slice(0, 80)}'; allowed are 1 to 63 of a-z, 0-9 and '-', or nothing for 'default'`;
}

/** Lists of what a call does, which have 1 to `max` items; `what` names the items. */
export function listFault(items: readonly unknown[], what: string, max: number): string | undefined {
  if (items.length === 0) return 'is empty; give at least one';
  return items.length > max ? `has ${items.length} ${what}; at most ${max} are allowed` : undefined;
}

/** The fault of a thing that takes more than `max` bytes as JSON, all of its parts together. */
export function sizeFault(thing: object, max: number): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(thing));
  if (bytes <= max) return undefined;
  return `takes ${bytes} bytes in all; at most ${max} (${max / 1024} KiB) are allowed: keep what is large elsewhere, and its address here`;
}

/** A text in quotes, cut when it is long, with control characters made visible. */
export function quoted(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(shown);
}

/** The fault of a text that is longer than `max` characters. */
export function tooLong(text: string, max: number): string {
  return `has ${text.length} characters; at most ${max} are allowed`;
}
