import type { ByLabel, Clock, Counter, Histogram, Metrics } from '@berth/kernel';
import type { Collection, CollectionSpec, CollectionStore, Document, ReplaceResult } from '../collection/collection.js';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const OPERATIONS = ['read', 'write'] as const;

/** The store, with what its calls take and how often two writers met in `metrics`. */
export function measuredCollectionStore(store: CollectionStore, metrics: Metrics, clock: Clock): CollectionStore {
  const measure = new Measure(metrics, clock);
  const measured = new WeakMap<object, unknown>();
  return {
    engine: store.engine,
    async collection<T extends Document>(spec: CollectionSpec) {
      const collection = await store.collection<T>(spec);
      const known = (measured.get(collection) as Collection<T> | undefined) ?? measuredCollection(collection, measure);
      measured.set(collection, known);
      return known;
    },
    async writeAll(writes) {
      const result = await measure.write(() => store.writeAll(writes));
      if (result.outcome === 'stale') measure.conflicts.add();
      return result;
    },
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

class Measure {
  readonly conflicts: Counter;
  readonly #failures: Counter;
  readonly #seconds: ByLabel<(typeof OPERATIONS)[number], Histogram>;

  constructor(
    metrics: Metrics,
    private readonly clock: Clock,
  ) {
    const operation = { name: 'operation', values: OPERATIONS };
    const took = 'How long the store of documents took for a call.';
    this.#seconds = metrics.histograms('berth_documents_duration_seconds', took, SECONDS, operation);
    const stale = 'Writes of a document that another process had written meanwhile; they are done again.';
    this.conflicts = metrics.counter('berth_documents_conflicts_total', stale);
    this.#failures = metrics.counter(
      'berth_documents_failures_total',
      'Calls that the store of documents did not answer.',
    );
  }

  read<T>(call: () => Promise<T>): Promise<T> {
    return this.#call(this.#seconds.read, call);
  }

  write<T>(call: () => Promise<T>): Promise<T> {
    return this.#call(this.#seconds.write, call);
  }

  async #call<T>(seconds: Histogram, call: () => Promise<T>): Promise<T> {
    const begunMs = this.clock.monotonic();
    try {
      return await call();
    } catch (error) {
      this.#failures.add();
      throw error;
    } finally {
      seconds.observe((this.clock.monotonic() - begunMs) / 1000);
    }
  }
}

function measuredCollection<T extends Document>(collection: Collection<T>, measure: Measure): Collection<T> {
  const count = (results: readonly (ReplaceResult | { readonly outcome: string })[]): void => {
    const stale = results.filter(({ outcome }) => outcome === 'stale').length;
    if (stale > 0) measure.conflicts.add(stale);
  };
  return {
    get: (id) => measure.read(() => collection.get(id)),
    getMany: (ids) => measure.read(() => collection.getMany(ids)),
    insert: (documents) => measure.write(() => collection.insert(documents)),
    replace: async (document, expected) => {
      const result = await measure.write(() => collection.replace(document, expected));
      count([result]);
      return result;
    },
    replaceMany: async (writes) => {
      const results = await measure.write(() => collection.replaceMany(writes));
      count(results);
      return results;
    },
    remove: async (id, expected) => {
      const outcome = await measure.write(() => collection.remove(id, expected));
      count([{ outcome }]);
      return outcome;
    },
    find: (query) => measure.read(() => collection.find(query)),
    count: (where) => measure.read(() => collection.count(where)),
  };
}
