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

type News = 'drained' | 'again' | 'late' | { readonly from: Leg; readonly received?: ReceivedEvent };

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
  const news = new Mailbox<News>();
  const tell = (what: News): void => void news.put(what);
  let leg = new Leg(request, deps, news);
  let next: Leg | undefined;
  let attempt = 0;
  // One that has not answered yet is not left: the server would not know which of the two is the newer one.
  const move = (): void => {
    if (leg.drained && leg.answered && !leg.over) next ??= new Leg(request, deps, news);
  };
  // Two turns later: a connection that broke, rather than drains, has ended its streams by then.
  const forget = deps.connection.onDrain(() => setImmediate(() => setImmediate(tell, 'drained')));
  try {
    for (;;) {
      const what = await news.take();
      if (what === 'drained') for (const each of [leg, next]) if (each) each.drained = true;
      if (what === 'drained' || what === 'again') move();
      else if (what === 'late') {
        if (leg.over) {
          leg.finish();
          return;
        }
      } else if (what.from === next && what.received) {
        leg.letGo();
        [leg, next, attempt] = [next, undefined, 0];
        leg.answered = true;
        yield what.received;
        move();
      } else if (what.from === next) {
        if (leg.over) {
          next.finish();
          return;
        }
        next = undefined;
        if (isBroken(what.from.error)) deps.clock.after(backoffMs(++attempt, what.from.error), () => tell('again'));
      } else if (what.from === leg && what.received) {
        const isFirst = !leg.answered;
        leg.answered = true;
        const isLeaving = isShutdown(what.received);
        leg.drained ||= isLeaving;
        if (!isLeaving) yield what.received;
        if (isFirst || isLeaving) move();
      } else if (what.from === leg) {
        if (!next) {
          leg.finish();
          return;
        }
        // The server ends the old one when it has the new one, whose answer is on its way then.
        if (isBroken(leg.error)) deps.clock.after(HAND_OVER_MS, () => tell('late'));
      }
    }
  } finally {
    forget();
    news.close();
    leg.letGo();
    next?.stop();
  }
}

/** A server that shuts down warns those who hold; a proxy between hides the end of its connection. */
function isShutdown({ event }: ReceivedEvent): boolean {
  return event.$case === 'warning' && event.value.kind === WarningKind.SHUTDOWN;
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
    private readonly news: Mailbox<News>,
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
        await this.news.put({ from: this, received: { event, notSentBefore, receivedAt } });
        notSentBefore = receivedAt;
      }
    } catch (error) {
      this.error = error;
    }
    this.over = true;
    this.#cancelTimer?.();
    await this.news.put({ from: this });
  }
}
