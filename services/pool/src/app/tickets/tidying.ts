import type { Command } from '@berth/documents';
import { carryOut } from '@berth/documents';
import type { Clock, Logger, Timer } from '@berth/kernel';
import type { Ticket } from '../../domain/tickets/index.js';
import { tidy } from '../../domain/tickets/index.js';
import type { Collection } from '../../ports/collections.js';
import { noSuchTicket } from './ticket-errors.js';

/** Notes are written together after this time: nobody waits for them, and each write by itself costs a commit. */
const TOGETHER_MS = 1000;

export interface TidyingDeps {
  readonly tickets: Collection<Ticket>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requestIdTtlMs: number;
}

/**
 * Notes of closed tickets that the lease service has nothing of them any more. A note that is lost costs little: what the
 * ticket had is given back once more.
 */
export class Tidying {
  readonly #ids = new Set<string>();
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly deps: TidyingDeps) {}

  /** Has it noted that everything of a closed ticket is given back. */
  note(id: string): void {
    if (this.#stopped) return;
    this.#ids.add(id);
    this.#timer ??= this.deps.clock.after(TOGETHER_MS, () => {
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    });
  }

  /** Writes what was noted, and resolves when that is done; nothing is noted any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    const { tickets, clock, logger, requestIdTtlMs: keepAnswersMs } = this.deps;
    const commands = [...this.#ids].map((id): Command<Ticket> => {
      return { id, key: { id: '', fingerprint: '' }, plan: ({ value }) => tidy(value) };
    });
    this.#ids.clear();
    if (commands.length === 0) return;
    try {
      await carryOut(tickets, commands, { nowMs: clock.now(), keepAnswersMs, notFound: noSuchTicket });
    } catch (error) {
      logger.warn({ err: error }, 'closed tickets could not be noted as given back; they are given back once more');
    }
  }
}
