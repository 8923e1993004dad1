import type { AcquireRequest, AcquireResponse, LeaseServiceClient } from '@berth/proto/berth/lease/v1/lease_service';
import { WarningKind } from '@berth/proto/berth/lease/v1/lease';
import type { ClientClock } from './clock.js';
import type { DrainWatch } from './drain-watch.js';
import { isBroken } from './is-broken.js';
import { Mailbox } from './mailbox.js';
import type { BerthCallOptions } from './middleware/index.js';
import { backoffMs } from './middleware/retry.js';

/** What an Acquire stream tells, as a union over `$case`. */
export type LeaseEvent = NonNullable<AcquireResponse['event']>;

/** An event, and between which moments of this client's clock the server sent it. */
export interface ReceivedEvent {
  readonly event: LeaseEvent;
  /** When the request was sent, for the first event of a stream; when the event before came, for the others. */
  readonly notSentBefore: number;
  readonly receivedAt: number;
}

/** What an Acquire call needs. */
export interface AcquireCallDeps {
  readonly lease: LeaseServiceClient<BerthCallOptions>;
  readonly clock: ClientClock;
  readonly connection: Pick<DrainWatch, 'onDrain'>;
  /** Ends the call at once. */
  readonly signal: AbortSignal;
}

/** How long the server gets to end a stream that has nothing more to tell, before it is reset. */
export const ENDS_WITHIN_MS = 5000;
/** How long a new stream may take to attach when the connection of the old one broke meanwhile. */
const HAND_OVER_MS = 1000;

type News = 'late' | { readonly from: Leg; readonly received?: ReceivedEvent };

/**
 * The events of one Acquire call, also over a connection that drains, and from a server that shuts down behind a proxy: the
 * call is made again with the same request id, on the connection that the channel makes then, or that the proxy has to another
 * server, and the old stream is let go when the new one has its first event. Ends and throws as the stream does. A stream is
 * let go so that the server ends it; a reset would count against the connection.
 */
export async function* acquireCall(
  request: AcquireRequest,
  deps: AcquireCallDeps,
): AsyncGenerator<ReceivedEvent, void> {
  const legs = new Legs(request, deps);
  try {
    yield* legs.events();
  } finally {
    legs.close();
  }
}

/**
 * The call over one connection, and the next one while it moves. It moves at once, whether or not somebody reads: a server
 * that shuts down keeps a lease for some seconds only, and the reader may be asking whether its grant is still good.
 */
class Legs {
  readonly #news = new Mailbox<News>();
  readonly #forget: () => void;
  #leg: Leg;
  #next: Leg | undefined;
  #attempt = 0;
  #isClosed = false;

  constructor(
    private readonly request: AcquireRequest,
    private readonly deps: AcquireCallDeps,
  ) {
    this.#leg = this.#open();
    // Two turns later: a connection that broke, rather than drains, has ended its streams by then.
    this.#forget = deps.connection.onDrain(() => setImmediate(() => setImmediate(() => this.#drained())));
  }

  async *events(): AsyncGenerator<ReceivedEvent, void> {
    for (;;) {
      const what = await this.#news.take();
      if (what === 'late') {
        if (!this.#leg.over) continue;
        this.#leg.finish();
        return;
      }
      const { from, received } = what;
      if (from === this.#next && received) this.#arrive(from);
      if (from !== this.#leg) continue;
      if (received) yield received;
      else if (this.#next) {
        // The server ends the old one when it has the new one, whose answer is on its way then.
        if (isBroken(from.error)) this.deps.clock.after(HAND_OVER_MS, () => void this.#news.put('late'));
      } else {
        from.finish();
        return;
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#forget();
    this.#news.close();
    this.#leg.letGo();
    this.#next?.stop();
  }

  #open(): Leg {
    const leg: Leg = new Leg(this.request, this.deps, {
      answered: () => {
        if (leg === this.#leg) this.#move();
      },
      leaving: () => {
        leg.drained = true;
        this.#move();
      },
      received: (received) => this.#news.put({ from: leg, received }),
      over: () => {
        this.#over(leg);
      },
    });
    return leg;
  }

  /** One that has not answered yet is not left: the server would not know which of the two is the newer one. */
  #move(): void {
    const { drained, answered, over } = this.#leg;
    if (!this.#isClosed && drained && answered && !over) this.#next ??= this.#open();
  }

  #drained(): void {
    for (const leg of [this.#leg, this.#next]) if (leg) leg.drained = true;
    this.#move();
  }

  /** The next one has its first event: it is the one now. */
  #arrive(next: Leg): void {
    this.#leg.letGo();
    [this.#leg, this.#next, this.#attempt] = [next, undefined, 0];
    this.#move();
  }

  #over(leg: Leg): void {
    if (leg !== this.#next || leg.answered) {
      void this.#news.put({ from: leg });
      return;
    }
    // It did not get through: the old one goes on, if it has not ended too.
    this.#next = undefined;
    if (this.#leg.over) {
      this.#leg = leg;
      void this.#news.put({ from: leg });
    } else if (isBroken(leg.error)) this.deps.clock.after(backoffMs(++this.#attempt, leg.error), () => this.#move());
  }
}

/** A server that shuts down warns those who hold; a proxy between hides the end of its connection. */
function isShutdown({ event }: ReceivedEvent): boolean {
  return event.$case === 'warning' && event.value.kind === WarningKind.SHUTDOWN;
}

/** What becomes of a leg, in the turn in which it becomes so. */
interface LegListener {
  /** It has its first event. */
  answered(): void;
  /** Its server shuts down. */
  leaving(): void;
  /** Resolves when the event was read: the next one waits for it. */
  received(received: ReceivedEvent): Promise<void>;
  over(): void;
}

/** The call over one connection. */
class Leg {
  /** True when the stream has ended. */
  over = false;
  error: unknown;
  answered = false;
  /** True when its connection takes no more calls. */
  drained = false;
  readonly #stop = new AbortController();
  #cancelTimer: (() => void) | undefined;

  constructor(
    private readonly request: AcquireRequest,
    private readonly deps: AcquireCallDeps,
    private readonly told: LegListener,
  ) {
    void this.#read();
  }

  /** Throws what the stream ended with. */
  finish(): void {
    if (this.error !== undefined) throw this.error as Error;
  }

  /** Nobody reads it any more: the server is about to end it, or else it is reset. */
  letGo(): void {
    if (!this.over) this.#cancelTimer = this.deps.clock.after(ENDS_WITHIN_MS, () => this.stop());
  }

  stop(): void {
    this.#stop.abort();
  }

  async #read(): Promise<void> {
    const { clock, lease, signal } = this.deps;
    let notSentBefore = clock.now();
    try {
      const options = { signal: AbortSignal.any([signal, this.#stop.signal]), retry: false };
      for await (const { event } of lease.acquire(this.request, options)) {
        if (!event) continue;
        const receivedAt = clock.now();
        const received = { event, notSentBefore, receivedAt };
        notSentBefore = receivedAt;
        const isFirst = !this.answered;
        this.answered = true;
        if (isFirst) this.told.answered();
        if (isShutdown(received)) this.told.leaving();
        else await this.told.received(received);
      }
    } catch (error) {
      this.error = error;
    }
    this.over = true;
    this.#cancelTimer?.();
    this.told.over();
  }
}
