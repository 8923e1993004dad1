/** Calls in flight at once for one batch: fewer than connections, so that other callers get one. */
const AT_ONCE = 24;

/** Calls for each item, 24 at a time; answers in the order of the items. */
export async function inTurns<I, R>(items: readonly I[], call: (item: I) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await call(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}
