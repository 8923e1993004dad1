import type { mongo } from 'mongoose';
import type {
  Collection,
  CollectionSpec,
  Document,
  Found,
  InsertResult,
  Query,
  ReplaceResult,
  Scalar,
  Stored,
  Where,
  Write,
} from '../collection/collection.js';
import type { Explaining } from '../collection/explain-query.js';
import { conditionsOf } from '../collection/conditions.js';
import { fieldReader } from '../collection/document-fields.js';
import { encodeCursor, planPage } from '../collection/page-phases.js';
import type { Body } from './collection-model.js';
import { inTurns } from './in-turns.js';
import { insertBodies } from './insert-bodies.js';
import type { MongoConnection } from './mongo-connection.js';
import { duplicateIndex, unavailable } from './mongo-failure.js';
import { mongoFilter, mongoSort } from './mongo-query.js';
import type { WriteStep } from './take-steps.js';
import { UniqueKeys } from './unique-keys.js';

/** What a collection needs of its store. */
export interface MongoStoreParts {
  readonly connection: MongoConnection;
  readonly nextRevision: () => string;
}

/** Documents of one insert command; it is answered within the time that a call has. */
const PART = 1_000;
const NO_FIELD = { list: false, values: [] } as const;

function stored<T extends Document>({ value, revision }: Body<T>): Stored<T> {
  return { value, revision };
}

/** A collection in MongoDB. Reads ask the primary, and may see what is not yet acknowledged to its writer. */
export class MongoCollection<T extends Document> implements Collection<T>, Explaining {
  readonly #keys: UniqueKeys;

  constructor(
    readonly parts: MongoStoreParts,
    readonly spec: CollectionSpec,
    readonly native: mongo.Collection<Body<T>>,
  ) {
    this.#keys = new UniqueKeys(spec);
  }

  async get(id: string): Promise<Stored<T> | undefined> {
    const [found] = await this.getMany([id]);
    return found;
  }

  async getMany(ids: readonly string[]): Promise<readonly Stored<T>[]> {
    const found = new Map<string, Stored<T>>();
    for (let at = 0; at < ids.length; at += PART) {
      const filter = { _id: { $in: ids.slice(at, at + PART) } } as mongo.Filter<Body<T>>;
      const bodies = await this.parts.connection.call(() => this.native.find(filter, { batchSize: PART }).toArray());
      for (const body of bodies) found.set(body._id, stored(body as Body<T>));
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async insert(documents: readonly T[]): Promise<readonly InsertResult[]> {
    const results: InsertResult[] = [];
    for (let at = 0; at < documents.length; at += PART) {
      const bodies = documents.slice(at, at + PART).map((document) => this.#body(document));
      const native = this.native as unknown as mongo.Collection<Body>;
      results.push(...(await this.parts.connection.write(() => insertBodies(native, this.#keys, bodies))));
    }
    return results;
  }

  replace(document: T, expected: string): Promise<ReplaceResult> {
    const body = this.#body(document);
    return this.parts.connection.write((again) => this.#replace(body, expected, again));
  }

  /** Each by a command of its own: a command for many would tell how many were stale, but not which. */
  replaceMany(
    writes: readonly { readonly document: T; readonly expected: string }[],
  ): Promise<readonly ReplaceResult[]> {
    return inTurns(writes, ({ document, expected }) => this.replace(document, expected));
  }

  remove(id: string, expected?: string): Promise<'removed' | 'stale' | 'gone'> {
    const filter = expected === undefined ? { _id: id } : { _id: id, revision: expected };
    return this.parts.connection.write(async (again) => {
      const { deletedCount } = await this.native.deleteOne(filter);
      if (deletedCount === 1) return 'removed';
      const there = expected === undefined ? undefined : await this.#revision(id);
      if (there !== undefined) return 'stale';
      if (again) throw this.#untold(`whether ${id} was removed`);
      return 'gone';
    });
  }

  step(write: Write): WriteStep {
    const native = this.native as unknown as mongo.Collection<Body>;
    const document = 'insert' in write ? write.insert : 'replace' in write ? write.replace : undefined;
    return {
      native,
      keys: this.#keys,
      id: 'remove' in write ? write.remove : (document?.id ?? ''),
      expected: 'insert' in write ? undefined : write.expected,
      body: document && this.#body(document as T),
    };
  }

  async find(query: Query): Promise<Found<T>> {
    const { field, descending, phases } = planPage(this.spec, query);
    const bodies: Body<T>[] = [];
    for (const { conditions, by } of phases) {
      const missing = query.limit + 1 - bodies.length;
      if (missing === 0) break;
      const filter = mongoFilter(conditions) as mongo.Filter<Body<T>>;
      const sort = mongoSort(by, field, descending);
      const found = await this.parts.connection.call(() =>
        this.native.find(filter, { sort, limit: missing, batchSize: missing }).toArray(),
      );
      bodies.push(...(found as Body<T>[]));
    }
    const page = bodies.slice(0, query.limit);
    const last = page.at(-1);
    const next = bodies.length > query.limit && last !== undefined ? cursorOf(last, field) : undefined;
    return { documents: page.map((body) => stored(body)), next };
  }

  async explain(query: Query): Promise<readonly string[]> {
    const { field, descending, phases } = planPage(this.spec, query);
    const steps: string[] = [];
    for (const { conditions, by } of phases) {
      const filter = mongoFilter(conditions) as mongo.Filter<Body<T>>;
      const options = { sort: mongoSort(by, field, descending), limit: query.limit + 1 };
      const plan = await this.parts.connection.call(() => this.native.find(filter, options).explain('queryPlanner'));
      steps.push(...stagesOf((plan as Explained).queryPlanner.winningPlan));
    }
    return steps;
  }

  async count(where?: Where): Promise<number> {
    const conditions = conditionsOf(this.spec, where);
    const filter = mongoFilter(conditions) as mongo.Filter<Body<T>>;
    const hint = conditions.length === 0 ? { hint: '_id_' } : {};
    return this.parts.connection.call(() => this.native.countDocuments(filter, hint));
  }

  #body(document: T): Body<T> {
    const absent = this.#keys.absent(document);
    const revision = this.parts.nextRevision();
    return { _id: document.id, revision, value: document, ...(absent === undefined ? {} : { absent }) };
  }

  async #replace(body: Body<T>, expected: string, again: boolean): Promise<ReplaceResult> {
    const { _id: id, revision } = body;
    const filter = { _id: id, revision: expected } as mongo.Filter<Body<T>>;
    try {
      const { matchedCount } = await this.native.replaceOne(filter, body);
      if (matchedCount === 1) return { outcome: 'replaced', revision };
    } catch (error) {
      const index = duplicateIndex(error as Error);
      if (index === undefined) throw error;
      const native = this.native as unknown as mongo.Collection<Body>;
      const there = await this.#keys.existing(native, new Map([[body, index]]));
      return { outcome: 'duplicate', index, existing: there.get(body)?._id };
    }
    const there = await this.#revision(id);
    if (there === revision) return { outcome: 'replaced', revision };
    // An earlier try may have been done, and overwritten or removed since: nobody can tell any more.
    if (again) throw this.#untold(`whether ${id} was written`);
    if (there === undefined) return { outcome: 'gone' };
    return { outcome: 'stale' };
  }

  async #revision(id: string): Promise<string | undefined> {
    const found = await this.native.findOne({ _id: id } as mongo.Filter<Body<T>>, { projection: { revision: 1 } });
    return found === null ? undefined : (found as unknown as Body).revision;
  }

  #untold(what: string): Error {
    return unavailable(this.parts.connection.address, `it cannot be told ${what}`, 'read it again');
  }
}

interface Stage {
  readonly stage: string;
  readonly indexName?: string;
  readonly inputStage?: Stage;
  readonly inputStages?: readonly Stage[];
}

interface Explained {
  readonly queryPlanner: { readonly winningPlan: Stage };
}

function stagesOf({ stage, indexName, inputStage, inputStages = [] }: Stage): string[] {
  const inputs = inputStage === undefined ? inputStages : [inputStage];
  return [indexName === undefined ? stage : `${stage} ${indexName}`, ...inputs.flatMap(stagesOf)];
}

function cursorOf({ _id, value }: Body, field: string): string {
  const [first]: readonly Scalar[] = (field === 'id' ? NO_FIELD : fieldReader(field)(value)).values;
  return encodeCursor(first, _id);
}
