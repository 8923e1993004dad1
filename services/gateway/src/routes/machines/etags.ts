const LIST = /^\s*(?:W\/)?("[^"]*"|[^\s",]+)\s*(?:,|$)/;

/** The etags that a header names, as they were given out; `*` stands for itself. Without quotes they are read too. */
function etagsIn(header: string, weak: boolean): readonly string[] {
  const etags: string[] = [];
  for (let rest = header; rest.trim() !== '';) {
    const [whole, etag] = LIST.exec(rest) ?? [];
    if (whole === undefined || etag === undefined) return etags;
    if (weak || !whole.trimStart().startsWith('W/')) etags.push(etag.replace(/^"(.*)"$/, '$1'));
    rest = rest.slice(whole.length);
  }
  return etags;
}

/**
 * The etags of If-Match: undefined when there is no such header, or only `*`, which would lose the change of somebody else.
 * A weak one never matches (RFC 9110, 13.1.1).
 */
export function ifMatch(header: string | undefined): readonly string[] | undefined {
  if (header === undefined || header.trim() === '' || header.trim() === '*') return undefined;
  return etagsIn(header, false);
}

/** Whether what the caller has is still what there is: it need not be sent again (If-None-Match). */
export function isUnchanged(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || etagsIn(header, true).includes(etag);
}

/** An etag as a header has it. */
export function etagHeader(etag: string): string {
  return `"${etag}"`;
}
