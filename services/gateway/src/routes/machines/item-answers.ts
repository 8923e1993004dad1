import type { InventoryRecord } from '@berth/client';
import { BerthError } from '@berth/kernel';
import { ifMatch, isUnchanged } from './etags.js';
import { documentOfBody, fieldsOf, type GivenFields, withDefaults } from './given-document.js';
import { META_FIELDS } from './meta-fields.js';
import { type RecordAnswer, type RecordCall, requestIdOf } from './record-call.js';
import { itemOf, writtenOf } from './record-document.js';

/** GET: one record, unless the caller has it already. */
export async function readRecord(call: RecordCall): Promise<RecordAnswer> {
  const record = await recordOf(call);
  const { etag } = record;
  return isUnchanged(call.ifNoneMatch, etag) ? { status: 304, etag } : { status: 200, body: itemOf(record), etag };
}

/** PATCH: changes the fields that are given; one that is null is removed. */
export async function patchRecord(call: RecordCall): Promise<RecordAnswer> {
  const document = documentOfBody(call.body(), call.kind, call.faults);
  call.faults.throwIfAny();
  const etag = await seenEtag(call);
  const fields = await ownFields(call, document);
  return update(call, { fields, etag, updateMask: Object.keys(fields).sort() });
}

/** PUT: replaces the fields of the kind; those that are not given are removed, or have their default. */
export async function putRecord(call: RecordCall): Promise<RecordAnswer> {
  const document = documentOfBody(call.body(), call.kind, call.faults);
  call.faults.throwIfAny();
  const etag = await seenEtag(call);
  const given = await ownFields(call, document);
  // Nothing of what is there now may be in it: a repeat with the same request id has to be the same request.
  const names = [...call.kind.fields.map(({ name }) => name), ...Object.keys(given)];
  return update(call, { fields: withDefaults(call.kind, given), etag, updateMask: [...new Set(names)].sort() });
}

/** DELETE: removes the record. */
export async function deleteRecord(call: RecordCall): Promise<RecordAnswer> {
  const { records, kind, name } = call;
  const etag = await seenEtag(call);
  await records.deleteRecord({ kind: kind.name, name, etag, ...requestIdOf(call) });
  return { status: 204 };
}

interface Update {
  readonly fields: Record<string, unknown>;
  readonly etag: string;
  readonly updateMask: string[];
}

async function update(call: RecordCall, { fields, etag, updateMask }: Update): Promise<RecordAnswer> {
  const { records, kind, name } = call;
  const request = { kind: kind.name, name, record: { fields, etag }, updateMask, ...requestIdOf(call) };
  const { record } = await records.updateRecord(request);
  if (record === undefined) throw new Error('UpdateRecord gave no record');
  return { status: 200, body: writtenOf(record), etag: record.etag };
}

async function recordOf({ records, kind, name }: RecordCall): Promise<InventoryRecord> {
  const { record } = await records.getRecord({ kind: kind.name, name });
  if (record === undefined) throw new Error('GetRecord gave no record');
  return record;
}

/**
 * The etag of the version that the caller has seen; of several, that of the record where it is one of them. Throws
 * ETAG_REQUIRED, and NO_SUCH_RECORD before that. It is compared where the change is made, since a repeat names the etag of
 * before the change.
 */
async function seenEtag(call: RecordCall): Promise<string> {
  const etags = ifMatch(call.ifMatch);
  if (etags === undefined) {
    await recordOf(call);
    throw etagRequired(call);
  }
  const [first = call.ifMatch ?? '', second] = etags;
  if (second === undefined) return first;
  // Why it cannot be read is told by the change.
  const record = await recordOf(call).catch(() => undefined);
  return record !== undefined && etags.includes(record.etag) ? record.etag : first;
}

function etagRequired({ kind, name }: RecordCall): BerthError {
  const description = `is missing; send the etag of ${kind.name}/${name} as you saw it, so that no change of somebody else is lost`;
  return new BerthError('ETAG_REQUIRED', `If-Match: ${description}.`, { fields: [{ field: 'If-Match', description }] });
}

/** The fields of a document about this record. */
async function ownFields(call: RecordCall, document: GivenFields): Promise<Record<string, unknown>> {
  const id = document[META_FIELDS.id];
  const isOther = id !== undefined && id !== call.name;
  return fieldsOf(document, isOther ? (await recordOf(call)).id : call.name);
}
