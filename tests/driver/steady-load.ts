import type { Berth, LeaseHandle } from '@berth/client';
import { toTimeRange } from '@berth/client';
import { until } from '@berth/testkit';

/** What was done, by kind. */
export type Done = Record<'leases' | 'tickets' | 'bookings' | 'allocations', number>;

export interface SteadyLoadOptions {
  /** Makes a client of the servers for a caller. */
  readonly connect: (caller: string) => Berth;
  /** Benches that are leased in turn. */
  readonly benches: readonly string[];
  /** Benches that are held all the time, each on a connection, without a grace. */
  readonly held: readonly string[];
  /** The tag of a pool with few resources. */
  readonly tag: string;
}

const DAY_MS = 86_400_000;

/**
 * What ordinary clients do with @berth/client, over and over: take and release benches, use tickets, book and cancel,
 * register what they make. Notes whatever fails; a bench that is held is lost when its signal says so.
 */
export class SteadyLoad {
  /** What callers saw fail; each kind of work ends with its first failure. */
  readonly failures: string[] = [];
  readonly done: Done = { leases: 0, tickets: 0, bookings: 0, allocations: 0 };
  readonly #holders: LeaseHandle[] = [];
  readonly #workers: Promise<void>[] = [];
  #isStopping = false;

  constructor(private readonly options: SteadyLoadOptions) {}

  async start(): Promise<void> {
    const { connect, benches, held } = this.options;
    for (const bench of held) {
      const handle = await connect('ann').acquire({ bench });
      handle.signal.addEventListener('abort', () => {
        if (!this.#isStopping) this.failures.push(`${bench} was lost: ${String(handle.signal.reason)}`);
      });
      this.#holders.push(handle);
    }
    for (const bench of benches) {
      // Two clients for each bench, so that one of them waits.
      for (const caller of ['ann', 'bob']) this.#work('leases', connect(caller), (berth) => leaseOnce(berth, bench));
    }
    this.#work('tickets', connect('ann'), (berth) => ticketOnce(berth, this.options.tag));
    this.#work('bookings', connect('ann'), bookOnce);
    this.#work('allocations', connect('bob'), allocateOnce);
  }

  /** Waits until each kind was done so many times more. */
  async more(times: number): Promise<void> {
    const before = { ...this.done };
    const isDone = (): boolean =>
      (Object.keys(before) as (keyof Done)[]).every((kind) => this.done[kind] >= before[kind] + times);
    await until(() => isDone() || this.failures.length > 0, {
      what: `${String(times)} more of each: ${JSON.stringify(before)}`,
      timeoutMs: 90_000,
    });
  }

  /** Begins nothing more; for a test that failed. */
  end(): void {
    this.#isStopping = true;
  }

  async stop(): Promise<void> {
    this.end();
    await Promise.all(this.#workers);
    for (const handle of this.#holders) await handle.release();
  }

  #work(kind: keyof Done, berth: Berth, once: (berth: Berth) => Promise<void>): void {
    const work = async (): Promise<void> => {
      while (!this.#isStopping) {
        try {
          await once(berth);
          this.done[kind] += 1;
        } catch (error) {
          // One is enough to tell: where nothing is served any more, each next one would fail at once.
          this.failures.push(`${kind}: ${String(error)}`);
          return;
        }
        await until(() => true, { what: 'a breath' });
      }
    };
    this.#workers.push(work());
  }
}

async function leaseOnce(berth: Berth, bench: string): Promise<void> {
  const handle = await berth.acquire({ bench, wait: '60s' });
  const { current } = await berth.lease.checkToken({ bench, fencingToken: handle.fencingToken });
  if (!current) throw new Error(`the token of ${bench} is not current while it is held`);
  handle.signal.throwIfAborted();
  await handle.release();
}

async function ticketOnce(berth: Berth, tag: string): Promise<void> {
  const ticket = await berth.ticket({ tags: [tag], wait: '60s' });
  if (ticket.data.length === 0) throw new Error('a ticket without data');
  await ticket.close();
}

async function bookOnce(berth: Berth): Promise<void> {
  const first = (Math.floor(Date.now() / DAY_MS) + 2) * DAY_MS;
  const range = toTimeRange(new Date(first), new Date(first + DAY_MS));
  const { booking } = await berth.bookings.createBooking({ booking: { spans: [{ range, amounts: { cores: 1 } }] } });
  const { booking: found } = await berth.bookings.getBooking({ id: booking?.id ?? '' });
  if (found === undefined) throw new Error('an acknowledged booking is not there');
  await berth.bookings.cancelBooking({ id: found.id });
}

async function allocateOnce(berth: Berth): Promise<void> {
  const { allocation } = await berth.allocations.registerIntent({ allocation: { owner: 'bob', kind: 'disk' } });
  const id = allocation?.id ?? '';
  await berth.allocations.confirmAllocation({ id });
  await berth.allocations.confirmRelease({ id });
}
