import type { ClientClock } from './clock.js';

/** A sleeping machine's timers stand still; looking again this often notices within this time of waking up. */
const LOOK_AGAIN_MS = 5000;

/** Calls back once when the moment until which a lease is known to be valid has passed. */
export class Validity {
  #until: number | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(
    private readonly clock: ClientClock,
    private readonly onOver: () => void,
  ) {}

  /** Valid until this time of the clock; undefined = no end is known. Replaces what was said before. */
  set(until: number | undefined): void {
    this.#until = until;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#arm();
  }

  /** Calls back now if the time is over and no timer has noticed: a process that was stopped runs other code first. */
  look(): void {
    if (this.#until === undefined || this.clock.now() < this.#until) return;
    this.stop();
    this.onOver();
  }

  /** Never calls back any more. */
  stop(): void {
    this.set(undefined);
  }

  #arm(): void {
    if (this.#until === undefined) return;
    const left = this.#until - this.clock.now();
    this.#cancelTimer = this.clock.after(Math.min(Math.max(left, 0), LOOK_AGAIN_MS), () => {
      this.#cancelTimer = undefined;
      this.look();
      this.#arm();
    });
  }
}
