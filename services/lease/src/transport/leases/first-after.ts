interface Granted {
  readonly token: number;
}

/**
 * The first leases after a token, at most `count`, oldest first. Goes through all of them, in whatever order they come, but
 * sorts only a few times `count` at once.
 */
export function firstAfter<T extends Granted>(leases: Iterable<T>, token: number, count: number): readonly T[] {
  let first: T[] = [];
  let until = Infinity;
  const cut = (): void => {
    first = first.sort((a, b) => a.token - b.token).slice(0, count);
  };
  for (const lease of leases) {
    if (lease.token <= token || lease.token >= until) continue;
    first.push(lease);
    if (first.length < 4 * count) continue;
    cut();
    until = first.at(-1)?.token ?? until;
  }
  cut();
  return first;
}
