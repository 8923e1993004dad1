import * as life from '../../domain/life.js';
import { freeNumbers } from '../../domain/numbers.js';
import { makeName } from '../../domain/options/name-pattern.js';
import type { PoolOptions } from '../../domain/options/options.js';
import type { PoolDocument } from '../../domain/pool-document.js';
import { afterStart } from '../../domain/pool-starts.js';
import type { GroupLeader, Resource } from '../../domain/resource.js';
import type { NextNumber, Stored, Write } from '../../ports/collections.js';
import { NUMBERS, POOLS, RESOURCES } from '../../ports/collections.js';
import type { Flights } from './flights.js';
import type { PoolDocuments } from './pool-documents.js';
import type { Office } from './reconcile-context.js';
import type { Rows } from './rows.js';

const NEXT = 'resources';

/** A resource whose command waits for the word. */
interface Launch {
  readonly resource: Resource;
  readonly options: PoolOptions;
  /** Its processes; undefined = it could not be started. */
  readonly process: Promise<GroupLeader | undefined>;
}

/**
 * Starts resources: their commands wait for the word, then their rows, with the processes, the numbers and the pools' documents
 * are written in one step, then the word is said. A process that dies before the step leaves nothing: its gates end with it.
 */
export class Starts {
  #next: Stored<NextNumber> | undefined;

  constructor(
    private readonly office: Office,
    private readonly rows: Rows,
    private readonly documents: PoolDocuments,
    private readonly flights: Flights,
  ) {}

  async load(): Promise<void> {
    this.#next = await this.office.context.collections.numbers.get(NEXT);
  }

  /**
   * Starts one in each of these pools; none, and false is the answer, when another writer was faster, or may be. Throws
   * STORE_UNAVAILABLE.
   */
  async start(pools: readonly PoolOptions[]): Promise<boolean> {
    const overrides = new Map(pools.map(({ name }) => [name, this.#overrideMs(name)]));
    let settle: (isWritten: boolean) => void = () => undefined;
    const written = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    const launches = this.#draft(pools).map(({ resource, options }) => this.#launch(resource, options, written));
    let isWritten = false;
    try {
      const nowMs = this.office.context.clock.now();
      const resources = await Promise.all(
        launches.map(async ({ resource, options, process: starting }) => {
          const [process, run] = [await starting, resource.running?.run ?? ''];
          return process ? life.spawned(resource, run, process, options.timeoutsMs.new, nowMs) : resource;
        }),
      );
      isWritten = await this.documents.write(async () => {
        // An operator was faster: what a pool does is its document's.
        const isStale = [...overrides].some(([name, ms]) => this.#overrideMs(name) !== ms);
        return !isStale && (await this.#write(resources, pools));
      });
      if (!isWritten) return false;
      await this.office.context.failpoint('pool.rowWritten');
      await this.rows.inserted(resources.map(({ number }) => number));
      return true;
    } finally {
      settle(isWritten);
    }
  }

  #launch(resource: Resource, options: PoolOptions, written: Promise<boolean>): Launch {
    const process = new Promise<GroupLeader | undefined>((resolve) => {
      this.flights.launch(resource, options, (leader) => {
        resolve(leader);
        return written;
      });
    });
    return { resource, options, process };
  }

  #overrideMs(pool: string): number | undefined {
    return this.documents.get(pool).value.override?.timeMs;
  }

  /** Writes the rows, all or none; false = none. */
  async #write(resources: readonly Resource[], pools: readonly PoolOptions[]): Promise<boolean> {
    const { context, lock, signal } = this.office;
    if (!lock.isHeld() || signal.aborted) return false;
    const result = await context.collections.store.writeAll([
      ...resources.map((insert): Write => ({ collection: RESOURCES, insert })),
      this.#nextWrite(resources.length),
      ...this.#documentWrites(pools),
    ]);
    await this.#reload(pools);
    if (result.outcome === 'written') return true;
    // Numbers that are taken are those of rows that this process does not know.
    if (result.write < resources.length) await this.rows.load();
    return false;
  }

  #draft(pools: readonly PoolOptions[]): readonly Pick<Launch, 'resource' | 'options'>[] {
    const { clock, runner } = this.office.context;
    const nowMs = clock.now();
    const live = [...this.rows.live.values()];
    let number = this.#next?.value.next ?? 1;
    return pools.map((options) => {
      const { name: poolName, namePattern, namedCounters } = options;
      const numbers = freeNumbers(poolName, namedCounters, live);
      const name = makeName(namePattern, { poolName, number, nowMs });
      const run = this.flights.reserve('new');
      const resource = life.newResource({ options, number, name, ...numbers, run, host: runner.host }, nowMs);
      number += 1;
      live.push(resource);
      return { resource, options };
    });
  }

  #nextWrite(count: number): Write<NextNumber> {
    const { value, revision } = this.#next ?? {};
    const next = { id: NEXT, next: (value?.next ?? 1) + count };
    return revision === undefined
      ? { collection: NUMBERS, insert: next }
      : { collection: NUMBERS, replace: next, expected: revision };
  }

  #documentWrites(pools: readonly PoolOptions[]): readonly Write<PoolDocument>[] {
    const nowMs = this.office.context.clock.now();
    return [...new Set(pools.map(({ name }) => name))].map((name) => {
      const { value, revision } = this.documents.get(name);
      const count = pools.filter((pool) => pool.name === name).length;
      let next = value;
      for (let i = 0; i < count; i += 1) next = afterStart(next, nowMs);
      return revision === undefined
        ? { collection: POOLS, insert: next }
        : { collection: POOLS, replace: next, expected: revision };
    });
  }

  async #reload(pools: readonly PoolOptions[]): Promise<void> {
    await Promise.all([this.load(), this.documents.load(pools.map(({ name }) => name))]);
  }
}
