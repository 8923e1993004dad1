import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Collection, CollectionStore, Write } from '../collection.js';
import { ModelCollection } from './model-collection.js';
import type { Operation, WriteOperation } from './operations.js';
import { operations } from './operations.js';
import type { Suite, Thing } from './subject.js';
import { pages, thingSpec } from './subject.js';

const NAME = 'random';
const DONE = new Set(['inserted', 'replaced', 'removed']);
const RUNS = { sqlite: 150, mongo: 30 } as const;

function same(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: engine ${JSON.stringify(actual)}, model ${JSON.stringify(expected)}`);
}

/** An engine and the model side by side. */
class Pair {
  readonly model = new ModelCollection();
  readonly #before = new Map<string, string>();

  constructor(
    readonly store: CollectionStore,
    readonly collection: Collection<Thing>,
  ) {}

  async run(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'insert':
        return this.#insert(operation.things);
      case 'replace':
        return this.#replace(operation.thing, operation.stale);
      case 'remove':
        same('remove', await this.collection.remove(operation.id), this.model.remove(operation.id));
        return;
      case 'several':
        return this.#several(operation.writes);
      case 'find': {
        const { query } = operation;
        const expected = this.model.find(query);
        same('find', await pages(this.collection, query), expected);
        same('count', await this.collection.count(query.where), expected.length);
      }
    }
  }

  async #insert(things: readonly Thing[]): Promise<void> {
    // In any order; one at a time, so that there is only one.
    for (const thing of things) {
      const [result] = await this.collection.insert([thing]);
      same('insert', result?.outcome, this.model.insert(thing));
    }
  }

  async #several(operations: readonly WriteOperation[]): Promise<void> {
    const steps: { readonly write: Write; readonly step: () => string }[] = [];
    for (const { deed, thing, stale } of operations) {
      const stored = await this.collection.get(thing.id);
      const known = stale ? -1 : (this.model.things.get(thing.id)?.revision ?? 0);
      const expected = stale ? 'stale' : (stored?.revision ?? 'none');
      steps.push(
        {
          insert: { write: { collection: NAME, insert: thing }, step: () => this.model.insert(thing) },
          replace: {
            write: { collection: NAME, replace: thing, expected },
            step: () => this.model.replace(thing, known),
          },
          remove: {
            write: { collection: NAME, remove: thing.id, expected },
            step: () =>
              (this.model.things.get(thing.id)?.revision ?? known) === known ? this.model.remove(thing.id) : 'stale',
          },
        }[deed],
      );
    }
    const result = await this.store.writeAll(steps.map(({ write }) => write));
    const refused = this.model.all(
      steps.map(({ step }) => step),
      DONE,
    );
    const told = 'write' in result ? { write: result.write, outcome: result.outcome } : undefined;
    same('several', told, refused);
  }

  async #replace(thing: Thing, stale: boolean): Promise<void> {
    const stored = await this.collection.get(thing.id);
    const known = this.model.things.get(thing.id);
    same('get', stored?.value, known?.value);
    const old = stale ? this.#before.get(thing.id) : undefined;
    const result = await this.collection.replace(thing, old ?? stored?.revision ?? 'none');
    same('replace', result.outcome, this.model.replace(thing, old === undefined ? (known?.revision ?? 0) : -1));
    if (result.outcome === 'replaced' && stored !== undefined) this.#before.set(thing.id, stored.revision);
  }
}

/** Random operations: engine and model give the same answers. */
export function testProperty({ test, subject, running }: Suite): void {
  test('random operations do the same as in a naive model', async (t) => {
    const store: CollectionStore = running().store;
    let runs = 0;
    const collection = await store.collection<Thing>(thingSpec(NAME));
    await fc.assert(
      fc.asyncProperty(operations, async (sequence) => {
        runs += 1;
        for (const { id } of await pages(collection, { limit: 100 })) await collection.remove(id);
        const pair = new Pair(store, collection);
        for (const operation of sequence) await pair.run(operation);
        await pair.run({ kind: 'find', query: { limit: 3 } });
      }),
      { numRuns: RUNS[subject.engine], includeErrorInReport: true },
    );
    t.true(runs >= RUNS[subject.engine]);
  });
}
