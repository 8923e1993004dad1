import type { HookOutcome } from '../../domain/hook-outcome.js';
import type { PoolOptions } from '../../domain/options/options.js';
import type { PoolDocument } from '../../domain/pool-document.js';
import { newPoolDocument } from '../../domain/pool-document.js';
import { afterStartEnded } from '../../domain/pool-starts.js';
import type { Stored } from '../../ports/collections.js';
import type { Office } from './reconcile-context.js';

/** What a write makes of a document. */
type Plan = (document: PoolDocument) => PoolDocument;

/** What is stored of pools besides their options. */
export class PoolDocuments {
  readonly #stored = new Map<string, Stored<PoolDocument>>();
  readonly #planned = new Map<string, Plan[]>();
  /** The last write of this process: of two at a time one would be refused. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly office: Office) {}

  /** Reads the documents of these pools, as others may have written them. */
  async load(names: readonly string[]): Promise<void> {
    for (const stored of await this.office.context.collections.pools.getMany(names)) this.#use(stored);
  }

  /** The document of a pool; a new one, without revision, when nothing is stored. */
  get(name: string): { readonly value: PoolDocument; readonly revision?: string } {
    return this.#stored.get(name) ?? { value: newPoolDocument(name, this.office.context.clock.now()) };
  }

  /** Does something that writes documents, after the writes that are under way. */
  write<T>(act: () => Promise<T>): Promise<T> {
    const writing = this.#writing.then(act, act);
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  /** Notes how a start of a pool has ended; of several that end at about the same time in one write. */
  async startEnded(options: PoolOptions, { verdict, fault }: HookOutcome, tookMs: number): Promise<void> {
    const nowMs = this.office.context.clock.now();
    const failure = verdict === 'ok' ? undefined : fault;
    const plan: Plan = (document) => afterStartEnded(document, failure, tookMs, options.retry, nowMs);
    const planned = this.#planned.get(options.name) ?? [];
    this.#planned.set(options.name, [...planned, plan]);
    await this.write(() => this.#change(options.name));
  }

  /** Writes all that is planned for a document. */
  async #change(name: string): Promise<void> {
    const plans = this.#planned.get(name) ?? [];
    this.#planned.delete(name);
    if (plans.length === 0) return;
    for (;;) {
      const stored = this.#stored.get(name);
      if (stored === undefined) return;
      const next = plans.reduce((document, plan) => plan(document), stored.value);
      const result = await this.office.context.collections.pools.replace(next, stored.revision);
      if (result.outcome === 'replaced') {
        this.#use({ value: next, revision: result.revision });
        return;
      }
      this.#stored.delete(name);
      await this.load([name]);
    }
  }

  #use(stored: Stored<PoolDocument>): void {
    this.#stored.set(stored.value.id, stored);
    this.office.wake();
  }
}
