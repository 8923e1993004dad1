import type { WriteAllResult } from '../collection/collection.js';
import type { SqliteDatabase } from './driver/sqlite-database.js';
import type { WriteStep } from './sqlite-collection.js';

/** Takes the steps of several writes in the open transaction, all or none. */
export function takeSteps(db: SqliteDatabase, steps: readonly WriteStep[]): WriteAllResult {
  const refused = db.part(() => {
    for (const [write, step] of steps.entries()) {
      const why = step.take();
      if (why !== undefined) return { write, step, why };
    }
    return undefined;
  });
  if (refused === undefined) return { outcome: 'written' };
  const { write, step, why } = refused;
  // What it found may have been another write of the call, which is undone by now.
  return typeof why === 'string' ? { write, outcome: why } : { write, ...why, existing: step.existing(why.index) };
}
