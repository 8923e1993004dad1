import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 5;
/** Only a test that fails waits for so long: a machine that is busy with much else passes too. */
const PATIENCE_MS = 30_000;
/** A process that was busy with something else for the whole time still gets so many looks. */
const LEAST_LOOKS = 20;

/**
 * Waits for a condition of a real process: looks every few milliseconds until `condition` gives something truthy, and
 * answers that. Throws after `timeoutMs` (default 30 s), naming `what` it waited for and the last error, if any.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: { readonly what: string; readonly timeoutMs?: number },
): Promise<NonNullable<T>> {
  const timeoutMs = options.timeoutMs ?? PATIENCE_MS;
  const end = performance.now() + timeoutMs;
  let cause: unknown;
  for (let looks = 0; looks < LEAST_LOOKS || performance.now() < end; looks += 1) {
    try {
      const found = await condition();
      if (found) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`waited ${String(timeoutMs)} ms in vain for: ${options.what}`, { cause });
}
