/** Reproducible chance: the same seed gives the same choices. */
export interface SeededRandom {
  readonly seed: number;
  /** From 0 (inclusive) to `below` (exclusive). */
  int(below: number): number;
  pick<T>(from: readonly T[]): T;
  chance(probability: number): boolean;
}

/** BERTH_SEED where it is set, so that a failure can be repeated; a new seed otherwise. */
export function givenSeed(): number {
  const given = process.env['BERTH_SEED'];
  return given === undefined ? Date.now() % 2 ** 31 : Number(given);
}

export function seededRandom(seed = givenSeed()): SeededRandom {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    seed,
    int,
    pick(from) {
      const found = from[int(from.length)];
      if (found === undefined) throw new RangeError('nothing to pick from');
      return found;
    },
    chance: (probability) => next() < probability,
  };
}
