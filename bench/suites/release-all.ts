interface Stoppable {
  stop(): Promise<void>;
}

/** Takes something to be stopped when all is over. */
export type Use = <S extends Stoppable>(started: S | Promise<S>) => Promise<S>;

/** Runs `body`, then stops what it started, the last one first, also when it failed. */
export async function releaseAll<T>(body: (use: Use) => Promise<T>): Promise<T> {
  const started: Stoppable[] = [];
  try {
    return await body(async (starting) => {
      const one = await starting;
      started.push(one);
      return one;
    });
  } finally {
    for (const one of started.reverse()) await one.stop();
  }
}
