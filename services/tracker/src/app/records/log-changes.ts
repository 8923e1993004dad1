import type { RecordDocument } from '../../ports/record-collections.js';
import type { RecordContext } from './record-context.js';

/**
 * Writes the last changes of records into the log of changes. A record's document carries its last change from the write
 * that made it, and every next write of the record comes after a call of this; so of all changes at most the last one can
 * be missing in the log, and then it is in the record. One that is there already (its id says so) stays as it is.
 */
export async function logChanges({ collections }: RecordContext, records: readonly RecordDocument[]): Promise<void> {
  const changes = records.flatMap(({ last }) => last ?? []);
  if (changes.length > 0) await collections.changes.insert(changes);
}
