import type { Deed, GivenFields, Kind, RecordBody } from '../../domain/records/index.js';
import {
  ADDRESS_RANGES,
  checkUpdatedFields,
  deletedBody,
  etagOf,
  nextBody,
  throwViolations,
  UNDELETE_MS,
} from '../../domain/records/index.js';
import type { Changed, Decide } from './change-record.js';
import { changeRecord } from './change-record.js';
import { recordToChange } from './find-record.js';
import { checkNoneClaimed } from './range-claims.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';
import { etagRequired, noSuchRecord, recordClaimed, staleEtag } from './record-errors.js';
import { checkUniques } from './taken-values.js';

export interface Update {
  readonly given: GivenFields;
  /** The names of the fields to change. */
  readonly mask: readonly string[];
  readonly etag: string;
  readonly validateOnly: boolean;
}

/** Changes fields of a record. Throws ETAG_REQUIRED, STALE_ETAG, RECORD_INVALID, RECORD_EXISTS, NO_SUCH_RECORD. */
export async function updateRecord(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  { given, mask, etag, validateOnly }: Update,
  deed: Deed,
): Promise<SeenRecord> {
  if (etag === '') throw etagRequired('record.etag');
  const decide = (id: string, body: RecordBody): RecordBody => {
    if (body.deletedMs !== undefined) throw noSuchRecord(kind, name);
    const now = etagOf(body);
    if (etag !== now) throw staleEtag(kind, id, etag, now);
    const { fields, violations } = checkUpdatedFields(kind, body.fields, given, mask, 'record.fields');
    throwViolations(kind, violations);
    return nextBody(body, { fields }, deed.nowMs);
  };
  if (!validateOnly) return changeRecord(ctx, kind, name, deed, decide);
  const { value } = await recordToChange(ctx, kind, name);
  const body = decide(value.id, value.body);
  await checkUniques(ctx, kind, [{ id: value.id, body, path: 'record' }]);
  return { id: value.id, kind: kind.name, body };
}

/**
 * Deletes a record; it is kept for 30 days. Throws ETAG_REQUIRED, STALE_ETAG, NO_SUCH_RECORD, and RECORD_CLAIMED, also for a
 * range of which addresses are claimed.
 */
export async function deleteRecord(
  ctx: RecordContext,
  kind: Kind,
  name: string,
  etag: string,
  deed: Deed,
): Promise<Changed> {
  if (etag === '') throw etagRequired('etag');
  const decide: Decide = async (id, body) => {
    if (body.deletedMs !== undefined) throw noSuchRecord(kind, name);
    const now = etagOf(body);
    if (etag !== now) throw staleEtag(kind, id, etag, now);
    if (body.claim !== undefined) throw recordClaimed(id, body, 'deleted');
    if (kind.name === ADDRESS_RANGES) await checkNoneClaimed(ctx, id, String(body.fields['name'] ?? id));
    return deletedBody(body, deed.nowMs, UNDELETE_MS);
  };
  return changeRecord(ctx, kind, name, deed, decide);
}

/**
 * Brings a deleted record back, by its id or its unique value (the one deleted that was made last); one that is there stays
 * as it is. Throws RECORD_EXISTS when another record has one of its
 * unique values by now, and NO_SUCH_RECORD, also for an address that went back to its range.
 */
export async function undeleteRecord(ctx: RecordContext, kind: Kind, name: string, deed: Deed): Promise<SeenRecord> {
  const decide: Decide = (_, body) => {
    if (body.deletedMs === undefined) return undefined;
    if (body.rangeId !== undefined || (body.purgeMs ?? 0) <= deed.nowMs) throw noSuchRecord(kind, name);
    return nextBody(body, {}, deed.nowMs);
  };
  return changeRecord(ctx, kind, name, deed, decide, true);
}
