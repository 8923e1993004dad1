import type { Clock, Timer } from '@berth/kernel';
import type { SeededRandom } from '@berth/testkit';
import type { VirtualTime } from './virtual-time.js';

interface Held {
  readonly channel: string;
  readonly happen: () => void;
}

/** After a pause what was held back happens within this time. */
const CATCH_UP_MS = 40;

/**
 * The part of a server process that can be stopped and goes on later (SIGSTOP, SIGCONT), or is killed: its timers, and
 * what reaches it from outside. What comes by one channel comes in order.
 */
export class SimulatedProcess implements Clock {
  killed = false;
  paused = false;
  #held: Held[] = [];
  readonly #busyUntilMs = new Map<string, number>();

  constructor(
    readonly time: VirtualTime,
    readonly random: SeededRandom,
  ) {}

  now(): number {
    return this.time.nowMs;
  }

  monotonic(): number {
    return this.time.nowMs;
  }

  after(ms: number, fire: () => void): Timer {
    let due: (() => void) | undefined = fire;
    this.time.after(ms, () => this.#happen({ channel: 'timers', happen: () => due?.() }));
    return { cancel: () => (due = undefined) };
  }

  /** Something reaches the process. */
  deliver(channel: string, delayMs: number, happen: () => void): void {
    const { nowMs } = this.time;
    const atMs = Math.max(nowMs + delayMs, this.#busyUntilMs.get(channel) ?? 0);
    this.#busyUntilMs.set(channel, atMs);
    this.time.after(atMs - nowMs, () => this.#happen({ channel, happen }));
  }

  pause(): void {
    this.paused = true;
  }

  /** Goes on: each channel by itself, in any order to the others. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    const held = this.#held;
    this.#held = [];
    const starts = new Map<string, number>();
    for (const { channel, happen } of held) {
      const delayMs = starts.get(channel) ?? this.random.int(CATCH_UP_MS);
      starts.set(channel, delayMs);
      this.deliver(channel, delayMs, happen);
    }
  }

  #happen(one: Held): void {
    if (this.killed) return;
    if (this.paused) this.#held.push(one);
    else one.happen();
  }
}
