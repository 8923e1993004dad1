import { pages } from '@berth/documents';
import { pause } from '@berth/kernel';
import type { Seen } from '../../domain/tickets/index.js';
import { numberOfRequest } from '../../domain/tickets/index.js';
import type { SeenRequests, TicketNews } from '../../ports/ticket-requests.js';
import { giveBack, settleTicket } from './settle-ticket.js';
import type { TicketContext } from './ticket-context.js';

/** Tickets that are worked on at the same time. */
const AT_ONCE = 16;
const PAGE = 500;
/** After a failure, and after what could serve refused tickets has changed. */
const AGAIN_MS = 1000;
const SUPPLY_MS = 200;
/** How often all tickets are compared with what is known of their requests, for what nobody told. */
const COMPARE_MS = 60_000;
/** A ticket that is younger may be on its way to the lease service. */
const YOUNG_MS = 10_000;
const NOTHING: Seen = { what: 'nothing' };

/**
 * Follows what becomes of the tickets of a lab at its lease service, for the elected process. At the start, and whenever the
 * lease service cannot tell all changes, everything is compared, so nothing depends on having been there at the right time.
 */
export class LabFollower {
  /** Numbers of tickets whose requests are at the lease service. */
  #asked = new Set<number>();
  /** Requests that nothing could serve; asked for again when supply changes. */
  readonly #refused = new Set<string>();
  /** Requests that something went wrong with; looked at again after a while. */
  readonly #again = new Set<string>();
  /** What is done about each ticket, one thing after the other. */
  readonly #chains = new Map<string, Promise<void>>();
  #supplyChanged = false;

  constructor(
    private readonly context: TicketContext,
    private readonly lab: string,
  ) {}

  /** Follows until the signal aborts. Rejects when the lease service or the store is away: begin again then. */
  async run(signal: AbortSignal): Promise<void> {
    const { requests } = this.context;
    const ended = new AbortController();
    const over = AbortSignal.any([signal, ended.signal]);
    const comparing = this.#every(COMPARE_MS, over, () => this.#compare());
    const retrying = this.#every(AGAIN_MS, over, () => this.#retry());
    const supplying = this.#every(SUPPLY_MS, over, () => this.#askRefused());
    try {
      for await (const news of requests.watch(this.lab, over)) for (const one of news) await this.#take(one);
    } finally {
      ended.abort();
      await Promise.all([comparing, retrying, supplying, ...this.#chains.values()]);
    }
  }

  /** A request was refused that waits for supply, which may have changed since. */
  refused(leaseRequest: string): void {
    this.#refused.add(leaseRequest);
    this.#supplyChanged = true;
  }

  async #take(news: TicketNews): Promise<void> {
    if (news.kind === 'supply') this.#supplyChanged = true;
    else if (news.kind === 'snapshot') await this.#begin(news.requests);
    else {
      const { leaseRequest, seen } = news;
      this.#note(leaseRequest, seen);
      // That a request waits changes nothing of its ticket, and there are many such news.
      if (seen.what !== 'waits') await this.#settle(leaseRequest, seen);
    }
  }

  /** Compares all that is open, and all that the lease service has. */
  async #begin(requests: SeenRequests): Promise<void> {
    const { tickets } = this.context;
    this.#asked = new Set();
    this.#refused.clear();
    for (const [leaseRequest, seen] of requests) this.#note(leaseRequest, seen);
    const others = new Map(requests);
    const open = { where: { openLab: this.lab }, orderBy: { field: 'number' }, limit: PAGE };
    for await (const page of pages(tickets, open)) {
      for (const { value } of page) {
        const { leaseRequest, grant } = value;
        const seen = others.get(leaseRequest) ?? NOTHING;
        others.delete(leaseRequest);
        if (seen.what === 'waits' && grant === undefined) continue;
        await this.#settle(leaseRequest, seen);
      }
    }
    for (const [leaseRequest, seen] of others) await this.#settle(leaseRequest, seen);
    await this.#compare();
  }

  /** Asks for open tickets that were never asked for, and gives back what closed ones still have. */
  async #compare(): Promise<void> {
    const { tickets, clock } = this.context;
    const untidy = { where: { untidyLab: this.lab }, orderBy: { field: 'number' }, limit: PAGE };
    for await (const page of pages(tickets, untidy)) {
      for (const { value } of page) {
        if ((value.endMs ?? 0) < clock.now() - YOUNG_MS) await giveBack(this.context, value);
      }
    }
    const open = { where: { openLab: this.lab }, orderBy: { field: 'number' }, limit: PAGE };
    for await (const page of pages(tickets, open)) {
      for (const { value } of page) {
        const { number, leaseRequest, createMs } = value;
        if (this.#asked.has(number) || this.#refused.has(leaseRequest)) continue;
        if (createMs < clock.now() - YOUNG_MS) await this.#settle(leaseRequest, NOTHING);
      }
    }
  }

  async #retry(): Promise<void> {
    for (const leaseRequest of [...this.#again]) {
      this.#again.delete(leaseRequest);
      await this.#settle(leaseRequest, NOTHING);
    }
  }

  async #askRefused(): Promise<void> {
    if (!this.#supplyChanged) return;
    this.#supplyChanged = false;
    for (const leaseRequest of [...this.#refused]) {
      this.#refused.delete(leaseRequest);
      await this.#settle(leaseRequest, NOTHING);
    }
  }

  #note(leaseRequest: string, { what }: Seen): void {
    const number = numberOfRequest(leaseRequest);
    if (number === undefined) return;
    if (what === 'waits' || what === 'holds') this.#asked.add(number);
    else this.#asked.delete(number);
  }

  /** Begins to settle a ticket after what is under way for it; resolves when there is room for the next one. */
  async #settle(leaseRequest: string, seen: Seen): Promise<void> {
    const number = numberOfRequest(leaseRequest);
    if (number === undefined) return;
    const before = this.#chains.get(leaseRequest) ?? Promise.resolve();
    const chain = before.then(() => this.#settled(leaseRequest, String(number), seen));
    this.#chains.set(leaseRequest, chain);
    void chain.finally(() => {
      if (this.#chains.get(leaseRequest) === chain) this.#chains.delete(leaseRequest);
    });
    while (this.#chains.size >= AT_ONCE) await Promise.race(this.#chains.values());
  }

  /** Never rejects. */
  async #settled(leaseRequest: string, id: string, seen: Seen): Promise<void> {
    try {
      const settled = await settleTicket(this.context, leaseRequest, id, seen);
      if (settled === undefined) return;
      this.#note(leaseRequest, settled.seen);
      if (settled.seen.what === 'refused') this.#refused.add(leaseRequest);
    } catch (error) {
      this.#again.add(leaseRequest);
      this.context.logger.warn({ err: error, ticket: id }, 'a ticket could not be brought forward; trying again');
    }
  }

  /** Does something again and again until the signal aborts; resolves then. A failure is logged, and it goes on. */
  async #every(ms: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
    const { clock, logger } = this.context;
    for (;;) {
      await pause(clock, ms, signal);
      if (signal.aborted) return;
      await act().catch((error: unknown) => {
        logger.warn({ err: error, lab: this.lab }, 'tickets could not be compared with their requests; trying again');
      });
    }
  }
}
