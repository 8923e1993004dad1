import type { Timer } from '@berth/kernel';

interface Planned {
  readonly atMs: number;
  happen: (() => void) | undefined;
}

/** Time that goes from one event to the next. Events of the same time happen in the order in which they were planned. */
export class VirtualTime {
  nowMs = 1_000_000;
  /** The soonest last. */
  readonly #planned: Planned[] = [];

  /** `turn` resolves when all that an event has set going has come to rest. */
  constructor(readonly turn: () => Promise<void>) {}

  after(ms: number, happen: () => void): Timer {
    const event: Planned = { atMs: this.nowMs + Math.max(0, ms), happen };
    const before = this.#planned.findLastIndex(({ atMs }) => atMs > event.atMs);
    this.#planned.splice(before + 1, 0, event);
    return { cancel: () => (event.happen = undefined) };
  }

  /** Lets time pass, and all happen that is planned for it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await this.turn();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.nowMs = next.atMs;
      next.happen?.();
      await this.turn();
    }
    this.nowMs = untilMs;
  }

  #next(untilMs: number): Planned | undefined {
    for (let next = this.#planned.at(-1); next !== undefined && next.atMs <= untilMs; next = this.#planned.at(-1)) {
      this.#planned.pop();
      if (next.happen !== undefined) return next;
    }
    return undefined;
  }
}
