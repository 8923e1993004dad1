/** Where servers are, as one text says it. */
export interface ServerAddresses {
  /** Each `host:port` or `unix:/path`; at least one. */
  readonly targets: readonly string[];
  /** True for https, false for http; undefined when no address has a scheme. */
  readonly secure: boolean | undefined;
}

/**
 * Reads `host:port`, `unix:/path`, or a URL with http or https; several with commas between them. A scheme before one of them
 * holds for all, so that nothing is sent without TLS by an oversight. Throws a TypeError for an empty one, and for http and
 * https together.
 */
export function parseAddresses(text: string): ServerAddresses {
  const targets: string[] = [];
  const schemes = new Set<string>();
  for (const part of text.split(',')) {
    const address = part.trim();
    const url = /^(https?):\/\/([^/]+)\/?$/.exec(address);
    if (url?.[1] !== undefined) schemes.add(url[1]);
    const target = url?.[2] ?? address;
    if (target === '') throw new TypeError(`address "${text}" has an empty part; write it as "a:7070,b:7070"`);
    targets.push(target);
  }
  if (schemes.size > 1) throw new TypeError(`address "${text}" has http and https; all servers are reached in one way`);
  return { targets, secure: schemes.size === 0 ? undefined : schemes.has('https') };
}
