import { mongo } from 'mongoose';
import type { InsertResult } from '../collection/collection.js';
import type { Body } from './collection-model.js';
import { duplicateIndex } from './mongo-failure.js';
import type { UniqueKeys } from './unique-keys.js';

/** The failed items of a batch by their place in it; undefined when the server did not answer for each item. */
function failedItems(error: unknown): ReadonlyMap<number, mongo.WriteError> | undefined {
  if (!(error instanceof mongo.MongoBulkWriteError)) return undefined;
  const errors = [error.writeErrors].flat();
  const unsure = error.result.getWriteConcernError() !== undefined;
  return unsure || errors.length === 0 ? undefined : new Map(errors.map((failed) => [failed.index, failed]));
}

/**
 * Inserts a batch, each item for itself. May be done again after a failure of unknown outcome: what an earlier try has
 * written collides with itself then, which its revision tells.
 */
export async function insertBodies(
  native: mongo.Collection<Body>,
  keys: UniqueKeys,
  bodies: readonly Body[],
): Promise<readonly InsertResult[]> {
  const inserted = ({ revision }: Body): InsertResult => ({ outcome: 'inserted', revision });
  if (bodies.length === 0) return [];
  let failed: ReadonlyMap<number, mongo.WriteError>;
  try {
    await native.insertMany(bodies, { ordered: false });
    return bodies.map(inserted);
  } catch (error) {
    const items = failedItems(error);
    if (items === undefined) throw error;
    failed = items;
  }
  const collided = new Map<Body, string>();
  for (const { index, code, errmsg = '' } of failed.values()) {
    const body = bodies[index];
    const unique = duplicateIndex({ code, message: errmsg });
    if (body === undefined || unique === undefined) throw new Error(`MongoDB refuses a document: ${errmsg}`);
    collided.set(body, unique);
  }
  const there = await keys.existing(native, collided);
  return bodies.map((body) => {
    const unique = collided.get(body);
    if (unique === undefined) return inserted(body);
    const other = there.get(body);
    if (other?._id === body._id && other.revision === body.revision) return inserted(body);
    return { outcome: 'duplicate', index: unique, existing: other?._id };
  });
}
