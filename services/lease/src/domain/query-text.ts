/**
 * A value as it stands in a query: percent-encoded where it would read as part of the language otherwise, so that no two
 * requirements have the same line.
 */
export function queryText(value: string): string {
  return value.replace(/[%&=[\],\p{Cc}]|^\s+|\s+$/gu, (found) => encodeURIComponent(found));
}
