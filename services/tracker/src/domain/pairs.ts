/** Texts by key, as a list of `key=value` that an index can take apart. Keys hold no `=`. */
export type Pairs = readonly string[];

/** In the order of the keys, so that equal records give equal lists. */
export function toPairs(texts: Readonly<Record<string, string>>): Pairs {
  const entries = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${value}`);
}

export function fromPairs(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(pairs.map(split));
}

/** The value of a key; undefined when it is not there. */
export function valueOf(pairs: Pairs, key: string): string | undefined {
  const found = pairs.find((pair) => pair.startsWith(`${key}=`));
  return found?.slice(key.length + 1);
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}
