const AT_ONCE = 128;

/** Does something for each value, for some of them at a time. */
export async function inParallel<T>(values: Iterable<T>, one: (value: T) => Promise<void>): Promise<void> {
  const left = values[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.next(); next.done !== true; next = left.next()) await one(next.value);
    }),
  );
}
