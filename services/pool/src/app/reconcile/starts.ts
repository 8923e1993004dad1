import { newResource } from '../../domain/life.js';
import { freeNumbers } from '../../domain/numbers.js';
import { makeName } from '../../domain/options/name-pattern.js';
import type { PoolOptions } from '../../domain/options/options.js';
import type { PoolDocument } from '../../domain/pool-document.js';
import { afterStart } from '../../domain/pool-starts.js';
import type { Resource } from '../../domain/resource.js';
import type { NextNumber, Stored, Write } from '../../ports/collections.js';
import { NUMBERS, POOLS, RESOURCES } from '../../ports/collections.js';
import type { Flights } from './flights.js';
import type { PoolDocuments } from './pool-documents.js';
import type { Office } from './reconcile-context.js';
import type { Rows } from './rows.js';

const NEXT = 'resources';

/** Starts resources: their rows, the numbers and the pools' documents are written in one step, then commands are run. */
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
    const { context } = this.office;
    const resources = await this.documents.write(() => this.#write(pools));
    if (resources.length === 0) return false;
    await context.failpoint('pool.rowWritten');
    await this.rows.inserted(resources.map(({ number }) => number));
    for (const { number, running, pool } of resources) {
      const options = pools.find(({ name }) => name === pool);
      if (running !== undefined && options !== undefined) void this.flights.begin(number, options, running.run);
    }
    return true;
  }

  /** Writes the rows; answers those that are written, all or none. */
  async #write(pools: readonly PoolOptions[]): Promise<readonly Resource[]> {
    const { context, lock } = this.office;
    const resources = this.#draft(pools);
    const cancel = (): void => {
      for (const { running } of resources) if (running !== undefined) this.flights.cancel(running.run);
    };
    try {
      const result = lock.isHeld()
        ? await context.collections.store.writeAll([
            ...resources.map((insert): Write => ({ collection: RESOURCES, insert })),
            this.#nextWrite(resources.length),
            ...this.#documentWrites(pools),
          ])
        : undefined;
      await this.#reload(pools);
      if (result?.outcome === 'written') return resources;
      cancel();
      // Numbers that are taken are those of rows that this process does not know.
      if (result !== undefined && result.write < resources.length) await this.rows.load();
      return [];
    } catch (error) {
      cancel();
      throw error;
    }
  }

  #draft(pools: readonly PoolOptions[]): readonly Resource[] {
    const { clock, runner } = this.office.context;
    const nowMs = clock.now();
    const live = [...this.rows.live.values()];
    let number = this.#next?.value.next ?? 1;
    return pools.map((options) => {
      const { name: poolName, namePattern, namedCounters } = options;
      const numbers = freeNumbers(poolName, namedCounters, live);
      const name = makeName(namePattern, { poolName, number, nowMs });
      const run = this.flights.reserve('new');
      const resource = newResource({ options, number, name, ...numbers, run, host: runner.host }, nowMs);
      number += 1;
      live.push(resource);
      return resource;
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
