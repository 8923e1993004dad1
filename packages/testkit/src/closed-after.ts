/** The part of ava's `t` that is needed here. */
interface Ending {
  readonly teardown: (work: () => unknown) => void;
}

/** The thing itself, which is closed when the test ends. */
export function closedAfter<T extends { readonly close: () => unknown }>(t: Ending, thing: T): T {
  t.teardown(() => thing.close());
  return thing;
}
