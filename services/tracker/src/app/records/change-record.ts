import { BerthError } from '@berth/kernel';
import type { Deed, Kind, RecordBody } from '../../domain/records/index.js';
import { changeRecords } from './change-records.js';
import { recordToChange } from './find-record.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';
import { checkUniques } from './taken-values.js';

/** What became of a record: what it was before (when something was done), and what it is. */
export interface Changed extends SeenRecord {
  readonly before: RecordBody | undefined;
}

/** Gives a record's next contents, or undefined to leave it as it is. Throws BerthError when that may not be. */
export type Decide = (id: string, body: RecordBody) => RecordBody | undefined | Promise<RecordBody>;

/**
 * Changes one record: it is decided on what calls that were faster left. A repeat of the request is answered as the first
 * time, and means the record that the first one changed. `deleted`: a value may name a deleted one. Throws what `decide`
 * throws, NO_SUCH_RECORD, RECORD_EXISTS and REQUEST_ID_REUSED.
 */
export async function changeRecord(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  deed: Deed,
  decide: Decide,
  deleted = false,
): Promise<Changed> {
  const left: Changed[] = [];
  const [change] = await changeRecords(ctx, deed, `the record ${name}`, async () => {
    const stored = await recordToChange(ctx, kind, name, deleted);
    const { id, body: before } = stored.value;
    const body = await decide(id, before);
    if (body === undefined) {
      left.push({ id, kind: kind.name, body: before, before: undefined });
      return undefined;
    }
    const checkTaken = () => checkUniques(ctx, kind, [{ id, body, path: 'record' }]);
    return { records: [{ stored, ...stored.value, body }], checkTaken };
  });
  if (change !== undefined) {
    return { id: change.recordId, kind: change.kind, body: change.after, before: change.before };
  }
  const [unchanged] = left;
  if (unchanged === undefined) throw new BerthError('INTERNAL', `the change of ${name} is not in the history`);
  return unchanged;
}
