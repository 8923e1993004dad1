import type { mongo } from 'mongoose';
import type { CollectionSpec, Document, Scalar } from '../collection/collection.js';
import { fieldReader } from '../collection/document-fields.js';
import type { Body } from './collection-model.js';
import { inTurns } from './in-turns.js';
import { storedPath } from './mongo-query.js';

interface UniqueIndex {
  readonly name: string;
  readonly fields: readonly { readonly path: string; readonly read: ReturnType<typeof fieldReader> }[];
}

/** The values that a collection's unique indexes see of documents. */
export class UniqueKeys {
  readonly #indexes: readonly UniqueIndex[];

  constructor(spec: CollectionSpec) {
    this.#indexes = spec.indexes
      .filter(({ unique }) => unique === true)
      .map(({ name, fields }) => ({ name, fields: fields.map((path) => ({ path, read: fieldReader(path) })) }));
  }

  /** What is stored beside a document for the unique indexes that it has no values for; see `Body`. */
  absent(document: Document): Readonly<Record<string, string>> | undefined {
    const lacking = this.#indexes.filter(({ fields }) => fields.some(({ read }) => read(document).values.length === 0));
    return lacking.length === 0 ? undefined : Object.fromEntries(lacking.map(({ name }) => [name, document.id]));
  }

  /** The documents that keep others out of an index, by those that they keep out; without those that are gone by now. */
  async existing(
    native: mongo.Collection<Body>,
    collided: ReadonlyMap<Body, string>,
  ): Promise<ReadonlyMap<Body, Pick<Body, '_id' | 'revision'>>> {
    const projection = { _id: 1, revision: 1 };
    const all = [...collided];
    // A batch that comes again collides with every id: those are looked up together.
    const ids = all.flatMap(([{ _id }, index]) => (index === 'id' ? [_id] : []));
    const byId = new Map<string, Body>();
    if (ids.length > 0) {
      for (const body of await native.find({ _id: { $in: ids } }, { projection }).toArray()) byId.set(body._id, body);
    }
    const there = new Map<Body, Pick<Body, '_id' | 'revision'>>();
    await inTurns(all, async ([body, index]) => {
      const found =
        index === 'id' ? byId.get(body._id) : await native.findOne(this.#sameKey(index, body.value), { projection });
      if (found !== null && found !== undefined) there.set(body, found);
    });
    return there;
  }

  #sameKey(index: string, document: Document): mongo.Filter<Body> {
    const fields = this.#indexes.find(({ name }) => name === index)?.fields ?? [];
    const entries = fields.map(({ path, read }): [string, { $in: readonly Scalar[] }] => [
      storedPath(path),
      { $in: read(document).values },
    ]);
    return Object.fromEntries(entries);
  }
}
