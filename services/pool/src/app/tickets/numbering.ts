import type { RequestKey } from '@berth/kernel';
import { randomId } from '@berth/kernel';
import { madeBefore } from '@berth/documents';
import type { Ticket, TicketSpec } from '../../domain/tickets/index.js';
import { newTicket } from '../../domain/tickets/index.js';
import type { Collection, CollectionStore, NextNumber, Write } from '../../ports/collections.js';
import { NUMBERS } from '../../ports/collections.js';

/** The name of the collection of tickets, for `writeAll`. */
export const TICKETS = 'pool_tickets';
/** The document of the number of the next ticket. */
const NEXT = 'tickets';
/** Tickets that are numbered and written together. */
const ROUND = 200;

interface Draft {
  readonly spec: TicketSpec;
  readonly key: RequestKey;
  readonly nowMs: number;
  readonly resolve: (ticket: Ticket) => void;
  readonly reject: (error: unknown) => void;
}

interface Next {
  readonly value: NextNumber;
  /** Undefined = not stored yet. */
  readonly revision: string | undefined;
}

export interface NumberingDeps {
  readonly store: CollectionStore;
  readonly tickets: Collection<Ticket>;
  readonly numbers: Collection<NextNumber>;
}

/**
 * Gives tickets their numbers: from 1, each the next one, none twice. The next number and the tickets that get numbers are
 * written together, all or none, so a crash loses no number and doubles none; of two processes that number at once one is
 * refused, and numbers again. What this process numbers at the same time is written at once.
 */
export class Numbering {
  #drafts: Draft[] = [];
  #withdrawn: { readonly ticket: Ticket; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  #running = false;

  constructor(private readonly deps: NumberingDeps) {}

  /**
   * Stores a new ticket. A request that made one before gives that one, as it is now. Rejects with REQUEST_ID_REUSED and
   * STORE_UNAVAILABLE; then it may be stored all the same.
   */
  add(spec: TicketSpec, key: RequestKey, nowMs: number): Promise<Ticket> {
    return new Promise((resolve, reject) => {
      this.#drafts.push({ spec, key, nowMs, resolve, reject });
      this.#start();
    });
  }

  /** Removes a ticket that nobody was told of; its number is given to the next one, unless there are later ones already. */
  withdraw(ticket: Ticket): Promise<void> {
    return new Promise((done, failed) => {
      this.#withdrawn.push({ ticket, done, failed });
      this.#start();
    });
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    while (this.#withdrawn.length + this.#drafts.length > 0) {
      for (const { ticket, done, failed } of this.#withdrawn.splice(0)) await this.#remove(ticket).then(done, failed);
      const round = this.#drafts.splice(0, ROUND);
      try {
        await this.#writeRound(round);
      } catch (error) {
        for (const { reject } of round) reject(error);
      }
    }
    this.#running = false;
  }

  /** Writes until each draft is stored or has its answer. */
  async #writeRound(round: readonly Draft[]): Promise<void> {
    for (const left = new Set(round); left.size > 0;) {
      const next = await this.#next();
      const drafts = distinctRequests(left);
      const tickets = drafts.map(({ spec, key, nowMs }, at) => made(spec, key, next.value.next + at, nowMs));
      const after = { ...next.value, next: next.value.next + tickets.length };
      const result = await this.deps.store.writeAll<NextNumber | Ticket>([
        numberWrite(after, next.revision),
        ...tickets.map((ticket) => ({ collection: TICKETS, insert: ticket })),
      ]);
      if (result.outcome === 'written') {
        for (const [at, draft] of drafts.entries()) {
          draft.resolve(tickets[at] ?? made(draft.spec, draft.key, 0, draft.nowMs));
          left.delete(draft);
        }
      } else if (result.outcome === 'duplicate' && result.write > 0) {
        const draft = drafts[result.write - 1];
        if (result.index === 'id') await this.#catchUp(next);
        else if (draft !== undefined && (await this.#answerRepeat(draft))) left.delete(draft);
      }
    }
  }

  /** The stored number is behind the tickets that there are, as after a loss in the store: goes on after the highest. */
  async #catchUp({ value, revision }: Next): Promise<void> {
    const { tickets, store } = this.deps;
    const [highest] = (await tickets.find({ orderBy: { field: 'number', descending: true }, limit: 1 })).documents;
    await store.writeAll([numberWrite({ ...value, next: (highest?.value.number ?? 0) + 1 }, revision)]);
  }

  /** Whether the request made a ticket before: then the draft has its answer. */
  async #answerRepeat({ key, resolve, reject }: Draft): Promise<boolean> {
    try {
      const before = await madeBefore(this.deps.tickets, key);
      if (before === undefined) return false;
      resolve(before.value);
    } catch (error) {
      reject(error);
    }
    return true;
  }

  /** The next number as it is stored. */
  async #next(): Promise<Next> {
    return (await this.deps.numbers.get(NEXT)) ?? { value: { id: NEXT, next: 1 }, revision: undefined };
  }

  async #remove({ id, number }: Ticket): Promise<void> {
    for (;;) {
      const [next, stored] = [await this.#next(), await this.deps.tickets.get(id)];
      if (stored === undefined) return;
      const writes: Write<NextNumber>[] = [{ collection: TICKETS, remove: id, expected: stored.revision }];
      if (next.value.next === number + 1) writes.push(numberWrite({ ...next.value, next: number }, next.revision));
      if ((await this.deps.store.writeAll(writes)).outcome === 'written') return;
    }
  }
}

function made(spec: TicketSpec, { id, fingerprint }: RequestKey, number: number, nowMs: number): Ticket {
  const ticket = newTicket(spec, number, randomId('').slice(1), nowMs);
  return id === '' ? ticket : { request: id, fingerprint, ...ticket };
}

function numberWrite(next: NextNumber, expected: Next['revision']): Write<NextNumber> {
  return expected === undefined
    ? { collection: NUMBERS, insert: next }
    : { collection: NUMBERS, replace: next, expected };
}

/** The drafts but for repeats of a request id. */
function distinctRequests(drafts: Iterable<Draft>): readonly Draft[] {
  const ids = new Set<string>();
  return [...drafts].filter(({ key: { id } }) => {
    if (ids.has(id)) return false;
    if (id !== '') ids.add(id);
    return true;
  });
}
