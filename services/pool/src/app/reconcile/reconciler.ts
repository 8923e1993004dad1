import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from '@berth/documents';
import { BerthError, pause } from '@berth/kernel';
import type { PoolOptions } from '../../domain/options/options.js';
import { plan } from '../../domain/plan.js';
import { isLive } from '../../domain/resource.js';
import type { Demand } from '../../domain/supply.js';
import type { World, WorldPool } from '../../domain/world.js';
import type { HeldLock } from '../../ports/collections.js';
import { sweepPools } from '../sweep-pools.js';
import { StepCarrier } from './carry-out-steps.js';
import { Flights } from './flights.js';
import { Labs } from './labs.js';
import { OfferBoard } from './offer-board.js';
import { PoolDocuments } from './pool-documents.js';
import type { Office, ReconcileContext } from './reconcile-context.js';
import { retain } from './retention.js';
import { Rows } from './rows.js';
import { Starts } from './starts.js';
import { Teller } from './teller.js';

const LOCK_TTL_MS = 10_000;
const RETRY_MS = 1000;
/** How often it is looked whether the store answers. */
const LOOK_MS = 2000;
/** After a start that the store refused it counts as away for so long, unless it refuses another one. */
const FAILED_MS = 5000;
/** The pause after starts that came to nothing. */
const LEAST_PAUSE_MS = 20;
/** It is planned at least so often. */
const LONGEST_PAUSE_MS = 60_000;

/** How a part says whether it works, and why not. */
export type PartSays = (works: boolean, why?: unknown) => void;

/** Makes things be as the pools in force and the demand want it, on one process: the elected one. */
export function createReconciler(
  context: () => ReconcileContext,
  { clock, locks }: Pick<ReconcileContext, 'clock' | 'locks'>,
  { storeWorks, locksWork }: { readonly storeWorks: PartSays; readonly locksWork: PartSays },
): Worker {
  return new Worker({
    clock,
    locks,
    lock: 'pools',
    lockTtlMs: LOCK_TTL_MS,
    work: (signal, lock) => new Term(context(), signal, lock, storeWorks).serve(),
    standBy: async () => {
      await context().collections.numbers.count();
    },
    againMs: RETRY_MS,
    retryMs: () => RETRY_MS,
    went: (step, error) => {
      const works = step === 'work' ? storeWorks : locksWork;
      if (error === undefined) works(true);
      else if (isAway(error)) works(false, error);
      else context().logger.error({ err: error }, 'the reconciler of pools failed; it begins again');
    },
  });
}

function isAway(error: unknown): boolean {
  return error instanceof BerthError && error.kind === 'unavailable';
}

/** One term of office: from the election until the lock is lost, or the stop. */
class Term {
  readonly #office: Office;
  readonly #over = new AbortController();
  readonly #documents: PoolDocuments;
  readonly #rows: Rows;
  readonly #teller: Teller;
  readonly #flights: Flights;
  readonly #labs: Labs;
  readonly #starts: Starts;
  readonly #offers: OfferBoard;
  readonly #steps: StepCarrier;
  readonly #claimedMs = new Map<number, number>();
  #wake = new AbortController();
  #failedMs = -Infinity;

  constructor(
    private readonly context: ReconcileContext,
    signal: AbortSignal,
    private readonly lock: HeldLock,
    private readonly storeWorks: PartSays,
  ) {
    const wake = (): void => {
      // With a reason: without one an error is made.
      this.#wake.abort(null);
    };
    this.#office = { context, signal: AbortSignal.any([signal, this.#over.signal]), lock, wake };
    this.#documents = new PoolDocuments(this.#office);
    this.#teller = new Teller(this.#office, () => this.#rows);
    this.#rows = new Rows(this.#office, (resource) => {
      this.#teller.see(resource);
      if (isLive(resource)) return;
      this.#steps.forget(resource.number);
      this.#claimedMs.delete(resource.number);
    });
    this.#flights = new Flights(this.#office, this.#rows, this.#documents, this.#teller);
    this.#labs = new Labs(this.#office, (lab, demand) => {
      this.#claimed(lab, demand);
    });
    this.#starts = new Starts(this.#office, this.#rows, this.#documents, this.#flights);
    this.#offers = new OfferBoard(this.#office, this.#labs);
    const optionsOf = (pool: string) => context.inForce.all.find(({ options }) => options.name === pool)?.options;
    this.#steps = new StepCarrier(this.#office, this.#rows, this.#labs, this.#flights, optionsOf);
  }

  /** Resolves when its time is over and nothing runs any more. Throws STORE_UNAVAILABLE, and has ended everything then too. */
  async serve(): Promise<void> {
    const { context } = this;
    const { signal } = this.#office;
    const end = context.inForce.onChange(() => {
      void this.#loadDocuments();
    });
    const beside: Promise<void>[] = [];
    signal.addEventListener('abort', this.#office.wake, { once: true });
    try {
      await Promise.all([this.#rows.load(), this.#starts.load(), this.#documents.load(this.#names())]);
      context.metrics?.looksAfter(() => this.#rows.live.values());
      beside.push(
        this.#beside('the look whether the store answers', () => this.#lookAtStore()),
        this.#beside('the changes of resources', () => this.#rows.follow()),
        this.#beside('what is noted of resources', () => this.#rows.store()),
        this.#beside('what the tracker is told', () => this.#teller.run()),
        this.#beside('the lists of pools', () => sweepPools(context.sweep, context.inForce, signal, this.lock)),
        this.#beside('the removal of what is old', () => retain(this.#office)),
        this.#beside('the file of pools', () => context.followFile?.(signal) ?? Promise.resolve()),
      );
      while (!signal.aborted) await this.#turn();
    } finally {
      end();
      context.metrics?.looksAfter(undefined);
      this.#over.abort();
      await Promise.all([this.#flights.settle(), this.#labs.settle(), ...beside]);
    }
  }

  /** Plans once, begins what is planned, and waits until there may be more. */
  async #turn(): Promise<void> {
    const { clock } = this.context;
    const wake = new AbortController();
    this.#wake = wake;
    if (this.#office.signal.aborted) return;
    const { pools, resources } = this.#pools();
    this.#labs.use(
      new Set([...pools.values(), ...resources.values()].map((one) => ('lab' in one ? one.lab : one.options.lab))),
    );
    const world = this.#world(pools, resources);
    const nowMs = clock.now();
    const { steps, starts, againMs } = plan(world, nowMs);
    for (const step of steps) this.#steps.take(step);
    const offersMs = this.#offers.look(world, nowMs);
    if (starts.length > 0) {
      await this.#start(starts.flatMap((name) => pools.get(name)?.options ?? []));
      return;
    }
    const ms = Math.min(againMs - nowMs, offersMs - nowMs, LONGEST_PAUSE_MS);
    await pause(clock, Math.max(1, ms), wake.signal);
    // What happens in one turn of the event loop is planned for once, and what comes in is heard.
    await nextTurn();
  }

  /** Starts resources. While the store is away nothing is started, and what runs goes on. */
  async #start(pools: readonly PoolOptions[]): Promise<void> {
    try {
      // What comes in is heard before it is tried again: perhaps that the lock is lost.
      if (!(await this.#starts.start(pools))) await pause(this.context.clock, LEAST_PAUSE_MS, this.#office.signal);
    } catch (error) {
      if (!isAway(error)) throw error;
      this.#failedMs = this.context.clock.monotonic();
      this.storeWorks(false, error);
      await pause(this.context.clock, RETRY_MS, this.#office.signal);
    }
  }

  /** Tells whether the store answers, until the end of the office: a term may last for days. */
  async #lookAtStore(): Promise<void> {
    const { signal } = this.#office;
    while (!signal.aborted) {
      try {
        await this.context.collections.numbers.count();
        // A store that can be read may still refuse what is written.
        if (this.context.clock.monotonic() - this.#failedMs > FAILED_MS) this.storeWorks(true);
      } catch (error) {
        if (!isAway(error)) throw error;
        this.storeWorks(false, error);
      }
      await pause(this.context.clock, LOOK_MS, signal);
    }
  }

  #pools(): Pick<World, 'pools' | 'resources'> {
    const pools = this.context.inForce.all.map((pool): [string, WorldPool] => {
      const { name } = pool.options;
      return [name, { ...pool, document: this.#documents.get(name).value }];
    });
    return { pools: new Map(pools), resources: this.#rows.live };
  }

  #world(pools: World['pools'], resources: World['resources']): World {
    return {
      pools,
      resources,
      labs: this.#labs.world,
      host: this.context.runner.host,
      flying: this.#flights.runs,
      busy: this.#steps.busy,
      claimedMs: this.#claimedMs,
      keptUntilMs: this.#steps.keptUntilMs,
    };
  }

  #claimed(lab: string, { claimed }: Demand): void {
    const nowMs = this.context.clock.now();
    for (const resource of this.#rows.live.values()) {
      if (resource.lab === lab && claimed.has(resource.name)) this.#claimedMs.set(resource.number, nowMs);
    }
  }

  async #loadDocuments(): Promise<void> {
    try {
      await this.#documents.load(this.#names());
    } catch (error) {
      this.context.logger.warn({ err: error }, 'the states of pools cannot be read');
    }
    this.#wake.abort();
  }

  #names(): readonly string[] {
    return this.context.inForce.all.map(({ options }) => options.name);
  }

  /** Does something beside the plans, again when it fails, until the end of the office. */
  async #beside(what: string, act: () => Promise<void>): Promise<void> {
    const { clock, logger } = this.context;
    const { signal } = this.#office;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      try {
        await act();
        return;
      } catch (error) {
        if (!isOver()) logger.warn({ err: error }, `${what}: failed, and begins again`);
        await pause(clock, RETRY_MS, signal);
      }
    }
  }
}
