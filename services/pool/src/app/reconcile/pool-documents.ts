import type { HookOutcome } from '../../domain/hook-outcome.js';
import type { PoolOptions } from '../../domain/options/options.js';
import type { PoolDocument } from '../../domain/pool-document.js';
import { newPoolDocument } from '../../domain/pool-document.js';
import { afterStartEnded } from '../../domain/pool-starts.js';
import type { Stored } from '../../ports/collections.js';
import type { Office } from './reconcile-context.js';

/** What is stored of pools besides their options. */
export class PoolDocuments {
  readonly #stored = new Map<string, Stored<PoolDocument>>();

  constructor(private readonly office: Office) {}

  /** Reads the documents of these pools, as others may have written them. */
  async load(names: readonly string[]): Promise<void> {
    for (const stored of await this.office.context.collections.pools.getMany(names)) this.#use(stored);
  }

  /** The document of a pool; a new one, without revision, when nothing is stored. */
  get(name: string): { readonly value: PoolDocument; readonly revision?: string } {
    return this.#stored.get(name) ?? { value: newPoolDocument(name, this.office.context.clock.now()) };
  }

  /** Notes how a start of a pool has ended. */
  async startEnded(options: PoolOptions, { verdict, fault }: HookOutcome, tookMs: number): Promise<void> {
    const { collections, clock } = this.office.context;
    for (;;) {
      const stored = this.#stored.get(options.name);
      if (stored === undefined) return;
      const failure = verdict === 'ok' ? undefined : fault;
      const next = afterStartEnded(stored.value, failure, tookMs, options.retry, clock.now());
      const result = await collections.pools.replace(next, stored.revision);
      if (result.outcome === 'replaced') {
        this.#use({ value: next, revision: result.revision });
        return;
      }
      if (this.#stored.get(options.name) === stored) await this.load([options.name]);
    }
  }

  #use(stored: Stored<PoolDocument>): void {
    this.#stored.set(stored.value.id, stored);
    this.office.wake();
  }
}
