import type { Document, ToStringOptions } from 'yaml';
import { visit } from 'yaml';

/** Texts that YAML 1.1 reads as something else: readers in other languages (PyYAML, Psych) still do. */
const OTHERWISE = [
  /^(?:y|n|yes|no|on|off|true|false|null|~|=|<<)$/i,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+)$/i,
  /^[-+]?(?:\d[\d_,]*(?:\.[\d_]*)?|\.[\d_.]+)(?:e[-+]?\d+)?$/i,
  // Base 60: times of day, and network addresses whose bytes are all below 60.
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/,
  /^[-+]?\.(?:inf|nan)$/i,
  /^\d{4}-\d\d?-\d\d?/,
  // A tab outside of quotes; in a text of several lines it is within a block.
  /^[^\n]*\t[^\n]*$/,
  // In a block, spaces before its first letter would be its indentation.
  /^\n* /,
];

/** Characters that are a line end for YAML 1.1, or that it does not take as they are. */
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
// eslint-disable-next-line no-control-regex -- they are looked for
const QUOTED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

/** A document as text that readers of YAML 1.1 and 1.2 take alike: texts stay texts. Changes the document's quoting. */
export function yamlText(document: Document, options?: ToStringOptions): string {
  visit(document, {
    Scalar(_key, scalar) {
      const { value } = scalar;
      if (typeof value !== 'string') return;
      if (QUOTED.test(value) || OTHERWISE.some((pattern) => pattern.test(value))) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  // Each of them is within double quotes now, where an escape stands for it.
  return document
    .toString(options)
    .replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
