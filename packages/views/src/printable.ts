/** Characters that move or colour a terminal's text, or show it in another order than it has. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text of others on one line: new lines and tabs are spaces, other controls and the marks of writing direction are written
 * out (`\u001b`), so that they can be seen and do nothing.
 */
export function printable(text: string): string {
  return text
    .replace(/[\t-\r]+/g, ' ')
    .replace(HIDDEN, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A printable text of several lines, which stay. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

/** Writes text for people, and a new line. All that is not JSON or YAML goes to a terminal this way. */
export function writeLine(stream: NodeJS.WritableStream, text: string): void {
  stream.write(`${printableLines(text)}\n`);
}
