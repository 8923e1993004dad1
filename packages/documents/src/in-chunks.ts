/** What one query takes at most of a list of values. */
const CHUNK = 500;

/** A list in parts that one query takes each; without repeats. */
export function* inChunks(values: readonly string[]): Generator<readonly string[], void, undefined> {
  const distinct = [...new Set(values)];
  for (let i = 0; i < distinct.length; i += CHUNK) yield distinct.slice(i, i + CHUNK);
}
