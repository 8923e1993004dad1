import type { Deed, Kind } from '../../domain/records/index.js';
import { changeRecords } from './change-records.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';
import { createdOrder } from './record-document.js';
import type { Wanted } from './taken-values.js';
import { checkUniques } from './taken-values.js';

/** Adds records: all, or none. Throws RECORD_EXISTS, with all that is taken, and REQUEST_ID_REUSED. */
export async function addRecords(
  ctx: RecordContext,
  kind: Kind,
  wanted: readonly Wanted[],
  deed: Deed,
  validateOnly: boolean,
): Promise<readonly SeenRecord[]> {
  const checkTaken = () => checkUniques(ctx, kind, wanted);
  if (validateOnly) {
    await checkTaken();
    return wanted.map(({ body }) => ({ id: '', kind: kind.name, body }));
  }
  const records = wanted.map(({ id, body }, index) => ({
    id,
    kind: kind.name,
    created: createdOrder(deed.nowMs, index),
    body,
  }));
  const plan = { records, checkTaken };
  const changes = await changeRecords(ctx, deed, `records of ${kind.name}`, () => Promise.resolve(plan));
  return changes.map(({ recordId, after }) => ({ id: recordId, kind: kind.name, body: after }));
}
