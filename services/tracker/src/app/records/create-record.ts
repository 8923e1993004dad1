import { BerthError, randomId } from '@berth/kernel';
import type { Deed, GivenFields, Kind } from '../../domain/records/index.js';
import { checkNewFields, newBody, throwViolations } from '../../domain/records/index.js';
import { addRecords } from './add-records.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';

/** Adds a record. Throws RECORD_INVALID, RECORD_EXISTS and REQUEST_ID_REUSED. */
export async function createRecord(
  ctx: RecordContext,
  kind: Kind,
  given: GivenFields,
  deed: Deed,
  validateOnly: boolean,
): Promise<SeenRecord> {
  const { fields, violations } = checkNewFields(kind, given, 'record.fields');
  throwViolations(kind, violations);
  const wanted = { id: randomId('rec'), body: newBody(fields, deed.nowMs), path: 'record' };
  const [added] = await addRecords(ctx, kind, [wanted], deed, validateOnly);
  if (added === undefined) throw new BerthError('INTERNAL', 'the record that was added is not in the history');
  return added;
}
