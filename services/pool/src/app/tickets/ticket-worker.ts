import { Worker } from '@berth/documents';
import { BerthError, pause } from '@berth/kernel';
import type { Ticket } from '../../domain/tickets/index.js';
import type { Locks } from '../../ports/collections.js';
import { forgetTickets } from './forget-tickets.js';
import { LabFollower } from './lab-follower.js';
import type { TicketContext } from './ticket-context.js';

/** How often labs with open tickets are looked for that another process has opened; and pause after a failure. */
const LOOK_MS = 5000;
const AGAIN_MS = 1000;
const FORGET_MS = 3_600_000;

/** Follows the tickets of all labs, and forgets old ones, on one process of all that share the locks: the elected one. */
export class TicketWorker {
  readonly #worker: Worker;
  /** Aborted for the next look to come at once. */
  #looking = new AbortController();
  /** Labs that this process opened tickets in. */
  readonly #labs = new Set<string>();
  /** Those that follow labs on this process now. */
  readonly #followers = new Map<string, LabFollower>();

  constructor(
    private readonly context: () => TicketContext,
    locks: Locks,
    clock: TicketContext['clock'],
  ) {
    this.#worker = new Worker({
      clock,
      locks,
      lock: 'pool-tickets',
      lockTtlMs: 30_000,
      work: (signal) => this.#work(signal),
      againMs: AGAIN_MS,
      retryMs: () => AGAIN_MS,
      went: (step, error) => {
        const { logger } = this.context();
        if (error !== undefined) logger.warn({ err: error }, `tickets are not followed (${step}); trying again`);
      },
    });
  }

  start(): void {
    this.#worker.start();
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  /** A ticket was opened here. */
  opened(lab: string): void {
    if (this.#labs.has(lab)) return;
    this.#labs.add(lab);
    this.#looking.abort();
  }

  /** A ticket was opened here, was refused, and waits. A follower that begins later looks at all that are open. */
  refused({ lab, leaseRequest }: Ticket): void {
    this.#followers.get(lab)?.refused(leaseRequest);
  }

  async #work(signal: AbortSignal): Promise<void> {
    const following = new Map<string, Promise<void>>();
    const { clock } = this.context();
    let forgotMs = -Infinity;
    // What fails ends the turn, and so do all followers.
    const failed = new AbortController();
    const over = AbortSignal.any([signal, failed.signal]);
    try {
      while (!signal.aborted) {
        // Before the look: a lab that comes while it is made has the next one begin at once.
        this.#looking = new AbortController();
        for (const lab of await this.#openLabs()) {
          if (!following.has(lab)) following.set(lab, this.#follow(lab, over));
        }
        if (clock.monotonic() - forgotMs > FORGET_MS) {
          await forgetTickets(this.context(), signal);
          forgotMs = clock.monotonic();
        }
        await pause(clock, LOOK_MS, AbortSignal.any([signal, this.#looking.signal]));
      }
    } finally {
      failed.abort();
      await Promise.all(following.values());
    }
  }

  /** Follows a lab until the signal aborts; begins again after each failure. */
  async #follow(lab: string, signal: AbortSignal): Promise<void> {
    const { logger, clock } = this.context();
    while (!signal.aborted) {
      const follower = new LabFollower(this.context(), lab);
      this.#followers.set(lab, follower);
      try {
        await follower.run(signal);
      } catch (error) {
        if (!(error instanceof BerthError && error.reason === 'NO_SUCH_LAB')) {
          logger.warn({ err: error, lab }, 'the tickets of a lab cannot be followed; trying again');
        }
      } finally {
        this.#followers.delete(lab);
      }
      await pause(clock, AGAIN_MS, signal);
    }
  }

  /** The labs that have open or untidy tickets: a read for each, however many tickets there are. */
  async #openLabs(): Promise<ReadonlySet<string>> {
    const labs = new Set(this.#labs);
    const { tickets } = this.context();
    for (const field of ['openLab', 'untidyLab'] as const) {
      for (let after = ''; ;) {
        const query = { where: { [field]: { after } }, orderBy: { field }, limit: 1 };
        const lab = (await tickets.find(query)).documents[0]?.value[field];
        if (lab === undefined) break;
        labs.add((after = lab));
      }
    }
    return labs;
  }
}
