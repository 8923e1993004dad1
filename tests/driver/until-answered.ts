import { BerthError, Status } from '@berth/client';

/** How long a call may take before another replica is asked. */
export const CALL_WITHIN_MS = 3000;

/** Throws what is not the fault of a server that is away or silent: a client that was closed is never answered. */
export function unlessAway(error: unknown): void {
  if (!(error instanceof BerthError) || error.reason === 'CLIENT_CLOSED') throw error;
  if (![Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.CANCELLED].includes(error.code)) throw error;
}

/** Makes a call until a server answers it. Throws when one refuses it. */
export async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      unlessAway(error);
    }
  }
}
