import type { PoolServiceClient, WaitTicketResponse } from '@berth/proto/berth/pool/v1/pool_service';
import { type Ticket, TicketState } from '@berth/proto/berth/pool/v1/ticket';
import { Status } from 'nice-grpc-common';
import { BerthError } from './berth-error.js';
import type { ClientClock } from './clock.js';
import { checkRegularly } from './lease-check.js';
import type { BerthCallOptions } from './middleware/index.js';
import type { Patience } from './middleware/retry.js';
import type { Span } from './span.js';
import { waitForTicket } from './wait-ticket.js';

/** What a ticket asks for, and how it is waited for. */
export interface TicketOptions {
  /** The resource must have all of these tags. */
  tags: readonly string[];
  /** A resource is used again only within its sandbox; absent = it is used once. */
  sandbox?: string;
  /** What it is for. */
  description?: string;
  /** 0 to 100, higher first; default 50, or 60 for what is made on demand. */
  priority?: number;
  /** The lab; default: the client's. */
  lab?: string;
  /** Makes it repeatable by another process: the same id gives the same ticket. Default: random. */
  requestId?: string;
  /** How long to wait: absent = for ever, 0 = not at all. */
  wait?: Span;
  /** Ends the waiting: the ticket is closed and the call throws the signal's reason. Has no effect afterwards. */
  signal?: AbortSignal;
  /** Where the ticket stands, whenever that changes. */
  onQueued?: (news: WaitTicketResponse) => void;
  /** The connection broke and is being made again while waiting. */
  onReconnecting?: (error: BerthError) => void;
}

export interface TicketDeps {
  readonly pools: PoolServiceClient<BerthCallOptions>;
  readonly clock: ClientClock;
  readonly patience: Patience;
}

/** How often the ticket is asked for whether it is still good. */
const CHECK_MS = 10_000;

/** A ticket that is ready. It stays so when this process ends: close it, or leave its scope (`await using`). */
export class TicketHandle implements AsyncDisposable {
  readonly number: number;
  /** The name of the resource. */
  readonly resource: string;
  /** What the resource's `cmd_new` printed. */
  readonly data: Buffer;
  readonly lease: { readonly id: string; readonly fencingToken: number };
  /** Aborts, with a BerthError TICKET_ENDED, when the ticket has failed or was closed elsewhere; looked at every 10 s. */
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #closed = new AbortController();

  constructor(
    ticket: Ticket,
    private readonly deps: TicketDeps,
  ) {
    const { number, resource, data, leaseId: id, fencingToken } = ticket;
    [this.number, this.resource, this.data, this.lease] = [number, resource, data, { id, fencingToken }];
    this.signal = this.#over.signal;
    const checked = checkRegularly(CHECK_MS, CHECK_MS, deps.clock, this.#closed.signal, () => this.#check());
    checked.catch((error: unknown) => {
      this.#over.abort(error);
    });
  }

  /** Gives the resource back. Closing twice is fine. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.deps.pools.closeTicket({ number: this.number });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #check(): Promise<void> {
    const { ticket } = await this.deps.pools.getTicket({ number: this.number });
    if (ticket?.state === TicketState.OPEN || this.#closed.signal.aborted) return;
    const how = ticket?.failure ? `has failed: ${ticket.failure}` : 'was closed elsewhere';
    const message = `ticket ${String(this.number)} ${how}`;
    throw new BerthError('TICKET_ENDED', Status.FAILED_PRECONDITION, message, {}, true);
  }
}

/** Makes a ticket and waits until it is ready; closes it when that fails. See `Berth.ticket`. */
export async function openTicket(deps: TicketDeps, options: TicketOptions): Promise<TicketHandle> {
  const { wait, signal, onQueued, onReconnecting, tags, ...asked } = options;
  signal?.throwIfAborted();
  const { ticket } = await deps.pools.createTicket({ ...asked, tags: [...tags] });
  const number = ticket?.number ?? 0;
  const waiting = {
    number,
    ...(wait !== undefined && { wait }),
    ...(signal && { signal }),
    ...(onReconnecting && { onReconnecting }),
  };
  try {
    for await (const news of waitForTicket(deps.pools, deps.clock, deps.patience, waiting)) {
      if (news.ticket?.ready === true) return new TicketHandle(news.ticket, deps);
      onQueued?.(news);
    }
    throw new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'the server ended the wait without an answer');
  } catch (error) {
    await deps.pools.closeTicket({ number }).catch(() => undefined);
    throw error;
  }
}
