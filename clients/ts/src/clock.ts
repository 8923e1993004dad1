import { uptime } from 'node:os';

/** What this client needs of time; tests replace it. */
export interface ClientClock {
  /** Milliseconds that only ever rise, and that go on while the machine is suspended where the system can tell. */
  now(): number;
  /** Calls back once, not before `delayMs`; at most 2^31-1. The timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/**
 * On Linux the clock is the system's up-time, which counts on while a laptop sleeps; `performance.now()` stands still
 * then, and a holder that wakes up would think its lease to be good for as long as before.
 */
export const systemClientClock: ClientClock = {
  now: process.platform === 'linux' ? () => uptime() * 1000 : () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
