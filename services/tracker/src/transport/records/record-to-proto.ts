import type { Kind as KindMessage, Record as RecordMessage } from '@berth/proto/berth/tracker/v1/record';
import {
  FieldType as FieldTypeMessage,
  Record as RecordType,
  RecordChange,
} from '@berth/proto/berth/tracker/v1/record';
import { actorOf, dateOf, fitAll, itemBytes } from '@berth/server';
import type { SeenRecord } from '../../app/records/record-document.js';
import type { Kind, RecordBody } from '../../domain/records/index.js';
import { etagOf, nameField } from '../../domain/records/index.js';
import type { ChangeDocument } from '../../ports/record-collections.js';

type Struct = Record<string, unknown>;

/** A record; with a mask only these of its fields. */
export function recordOf({ id, kind, body }: SeenRecord, mask?: readonly string[]): RecordMessage {
  return {
    id,
    kind,
    fields: fieldsOf(body, mask),
    etag: etagOf(body),
    createTime: new Date(body.createdMs),
    updateTime: new Date(body.updatedMs),
    deleteTime: dateOf(body.deletedMs),
    claimedBy: body.claim?.owner ?? '',
    claimTime: dateOf(body.claim?.sinceMs),
    fieldsLeftOut: false,
  };
}

/** Records of one answer, at most 1,000: those for which there is no room without their fields. */
export function recordsOf(records: readonly SeenRecord[]): RecordMessage[] {
  return fitAll(records, {
    whole: (record) => recordOf(record),
    short: (record) => ({ ...recordOf(record), fields: undefined, fieldsLeftOut: true }),
    shortBytes: 1024,
    bytes: itemBytes(RecordType),
  });
}

export function kindOf(kind: Kind): KindMessage {
  return {
    name: kind.name,
    description: kind.description,
    fields: kind.fields.map((field) => ({
      name: field.name,
      type: FieldTypeMessage[field.type],
      required: field.required,
      unique: field.unique,
      allowed: [...field.allowed],
      pattern: field.pattern,
      defaultJson: field.default === undefined ? '' : JSON.stringify(field.default),
      description: field.description,
      ignoreCase: field.ignoreCase ?? false,
    })),
    builtIn: kind.builtIn,
    nameField: nameField(kind)?.name ?? '',
  };
}

export function changeOf({ timeMs, actor, action, before, after, recordId, kind }: ChangeDocument): RecordChange {
  return RecordChange.create({
    time: new Date(timeMs),
    actor: actorOf(actor),
    action,
    ...(before !== undefined && { before: changedFields(before) }),
    ...(after.deletedMs === undefined && { after: changedFields(after) }),
    recordId,
    kind,
  });
}

/** Who has claimed it stands beside the fields, else a claim would look like no change. */
function changedFields(body: RecordBody): Struct {
  return { ...fieldsOf(body), ...(body.claim !== undefined && { claimed_by: body.claim.owner }) };
}

function fieldsOf({ fields }: RecordBody, mask?: readonly string[]): Struct {
  const entries = Object.entries(fields).filter(([name]) => mask?.includes(name) ?? true);
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]));
}
