import type { Clock, Timer } from '@berth/kernel';
import { sameView } from '../domain/index.js';
import type { Attachment } from './attachment.js';
import type { Replica } from './replica.js';

/** A stream is told of changes at most this often. */
const INTERVAL_MS = 200;
/** Streams told in one go, before others get the processor: about a quarter of a millisecond. */
const SLICE = 8;
/** Between two goes when there are many streams, so that updates take a fifth of the time and hand-offs go first. */
const PAUSE_MS = 1;
/** With fewer streams than this there is no need to pause. */
const FEW = 64;
/** The wall clock may jump, and timers have a longest time. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Tells waiting streams their place when something in it has changed: newest wins, at most every 200 ms, and with thousands of streams as often as a fifth
 * of the processor allows. Grants and ends never wait for it.
 */
export class QueueUpdates {
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #waiting = new Set<Attachment>();
  /** Streams that did not take an update because their reader is slow. */
  readonly #behind = new Set<Attachment>();
  #dirty = false;
  #timer: Timer | undefined;
  #startedMs = -Infinity;
  #sweeping = false;
  /** When what was told may be otherwise without a change: a reservation comes nearer. */
  #untilMs = Infinity;
  #untilTimer: Timer | undefined;

  constructor(replica: Replica, clock: Clock) {
    this.#replica = replica;
    this.#clock = clock;
  }

  /** Tells a stream its place at once, and of changes from now on. */
  add(attachment: Attachment): void {
    this.#waiting.add(attachment);
    this.#tell(attachment);
  }

  delete(attachment: Attachment): void {
    this.#waiting.delete(attachment);
    this.#behind.delete(attachment);
  }

  /** Something about the queue has changed. */
  mark(): void {
    this.#dirty = true;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#untilTimer?.cancel();
    this.#waiting.clear();
    this.#behind.clear();
  }

  #arm(): void {
    if (this.#sweeping || this.#timer !== undefined || this.#waiting.size === 0) return;
    const waitMs = Math.max(0, this.#startedMs + INTERVAL_MS - this.#clock.monotonic());
    this.#timer = this.#clock.after(waitMs, () => {
      this.#timer = undefined;
      this.#sweep();
    });
  }

  #sweep(): void {
    const targets = this.#dirty ? [...this.#waiting] : [...this.#behind];
    this.#dirty = false;
    this.#startedMs = this.#clock.monotonic();
    this.#sweeping = true;
    this.#slice(targets, 0);
  }

  #slice(targets: readonly Attachment[], from: number): void {
    const to = Math.min(from + SLICE, targets.length);
    for (let i = from; i < to; i++) {
      const target = targets[i];
      if (target !== undefined && this.#waiting.has(target)) this.#tell(target);
    }
    if (to === targets.length) {
      this.#sweeping = false;
      if (this.#dirty || this.#behind.size > 0) this.#arm();
    } else if (targets.length < FEW) setImmediate(() => this.#slice(targets, to));
    else this.#timer = this.#clock.after(PAUSE_MS, () => this.#resume(targets, to));
  }

  #resume(targets: readonly Attachment[], from: number): void {
    this.#timer = undefined;
    this.#slice(targets, from);
  }

  #lookAt(untilMs: number): void {
    this.#untilMs = untilMs;
    this.#untilTimer?.cancel();
    const waitMs = Math.min(Math.max(0, untilMs - this.#replica.log.now()), LONGEST_WAIT_MS);
    this.#untilTimer = this.#clock.after(waitMs, () => {
      this.#untilMs = Infinity;
      this.mark();
    });
  }

  #tell(attachment: Attachment): void {
    const { state, views, log } = this.#replica;
    const request = state.requests.get(attachment.spec.requestId);
    if (request === undefined) return;
    if (attachment.sink.congested) {
      this.#behind.add(attachment);
      return;
    }
    this.#behind.delete(attachment);
    const view = views.queued(request, log.now());
    if (view.untilMs < this.#untilMs) this.#lookAt(view.untilMs);
    // Most of what happens in a lab is about other benches.
    if (attachment.view !== undefined && sameView(attachment.view, view)) return;
    attachment.view = view;
    attachment.sentMs = this.#clock.monotonic();
    attachment.sink.queued(view);
  }
}
