import { mongo } from 'mongoose';
import type { WriteAllResult } from '../collection/collection.js';
import type { Body } from './collection-model.js';
import { duplicateIndex } from './mongo-failure.js';
import type { UniqueKeys } from './unique-keys.js';

/** A write of several that are done together: an insert has nothing expected, and a remove no body. */
export interface WriteStep {
  readonly native: mongo.Collection<Body>;
  readonly keys: UniqueKeys;
  readonly id: string;
  readonly expected: string | undefined;
  readonly body: Body | undefined;
}

interface Collision {
  readonly write: number;
  readonly index: string;
}

function operation({ id, expected, body }: WriteStep): mongo.AnyBulkWriteOperation<Body> {
  const filter = { _id: id, revision: expected ?? '' };
  if (body === undefined) return { deleteOne: { filter } };
  return expected === undefined ? { insertOne: { document: body } } : { replaceOne: { filter, replacement: body } };
}

/** Neighbours in one collection: they are one command. */
function runsOf(steps: readonly WriteStep[]): WriteStep[][] {
  const runs: WriteStep[][] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last?.[0]?.native === step.native) last.push(step);
    else runs.push([step]);
  }
  return runs;
}

/** Takes steps in the transaction of a session, which is aborted when one of them is refused. */
export async function takeSteps(session: mongo.ClientSession, steps: readonly WriteStep[]): Promise<WriteAllResult> {
  let first = 0;
  for (const run of runsOf(steps)) {
    const collision = await takeRun(session, run, first);
    if (collision !== undefined) {
      await session.abortTransaction();
      return refusal(steps, collision === 'unmatched' ? undefined : collision);
    }
    first += run.length;
  }
  return { outcome: 'written' };
}

async function takeRun(
  session: mongo.ClientSession,
  run: readonly WriteStep[],
  first: number,
): Promise<Collision | 'unmatched' | undefined> {
  try {
    const done = await run[0]?.native.bulkWrite(run.map(operation), { session });
    if (done === undefined) return undefined;
    const { insertedCount, matchedCount, deletedCount } = done;
    return insertedCount + matchedCount + deletedCount === run.length ? undefined : 'unmatched';
  } catch (error) {
    const [failed] = error instanceof mongo.MongoBulkWriteError ? [error.writeErrors].flat() : [];
    const index = failed && duplicateIndex({ code: failed.code, message: failed.errmsg ?? '' });
    if (failed === undefined || index === undefined) throw error;
    return { write: first + failed.index, index };
  }
}

/**
 * Which write was refused, once the transaction is aborted: a command for many tells how many had another revision, but not
 * which. A revision never comes back, so what was not as expected then is not so now.
 */
async function refusal(steps: readonly WriteStep[], collision: Collision | undefined): Promise<WriteAllResult> {
  const revisions = new Map<WriteStep['native'], Map<string, string | undefined>>();
  for (const native of new Set(steps.map((step) => step.native))) {
    const ids = steps.flatMap((step) => (step.native === native ? step.id : []));
    const found = await native.find({ _id: { $in: ids } }, { projection: { revision: 1 } }).toArray();
    revisions.set(native, new Map(found.map(({ _id, revision }) => [_id, revision])));
  }
  for (const [write, { native, id, expected, body }] of steps.slice(0, collision?.write).entries()) {
    const there = revisions.get(native);
    const revision = there?.get(id);
    if (expected === undefined && revision !== undefined) return duplicate(steps, { write, index: 'id' });
    if (revision !== expected) return { write, outcome: revision === undefined ? 'gone' : 'stale' };
    there?.set(id, body?.revision);
  }
  if (collision === undefined) throw new Error('MongoDB did not do all writes of a call, and nothing shows which');
  return duplicate(steps, collision);
}

async function duplicate(steps: readonly WriteStep[], { write, index }: Collision): Promise<WriteAllResult> {
  const { native, keys, body } = steps[write] ?? {};
  if (native === undefined || keys === undefined || body === undefined) throw new Error('a remove has no duplicates');
  const there = await keys.existing(native, new Map([[body, index]]));
  return { write, outcome: 'duplicate', index, existing: there.get(body)?._id };
}
