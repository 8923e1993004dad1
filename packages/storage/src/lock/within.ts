import type { Clock } from '@berth/kernel';

/** The promise's value, or undefined when it has none after so long. Redlock waits for ever when its nodes split evenly. */
export async function within<T>(promise: Promise<T>, clock: Clock, ms: number): Promise<T | undefined> {
  let cancel = (): void => undefined;
  const late = new Promise<undefined>((resolve) => {
    const timer = clock.after(ms, () => {
      resolve(undefined);
    });
    cancel = () => {
      timer.cancel();
    };
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel();
  }
}
