import type { Deed, FieldLayout, FieldValue, KindLayout, RecordBody } from '../../domain/records/index.js';
import { orderKey } from '../../domain/records/index.js';
import type { ChangeDocument, RecordDocument } from '../../ports/record-collections.js';

/** What a record's document is made from. */
export type RecordParts = Pick<RecordDocument, 'id' | 'kind' | 'created' | 'body'>;

/** A record as a reader sees it. */
export type SeenRecord = Pick<RecordDocument, 'id' | 'kind' | 'body'>;

/** A record's document, with the fields that indexes are made of. */
export function recordDocument(layout: KindLayout, { id, kind, created, body }: RecordParts): RecordDocument {
  const { claim, deletedMs, purgeMs } = body;
  const live = deletedMs === undefined;
  const uniques = uniquesOf(layout, kind, body);
  const items = itemsOf(layout, kind, body);
  return {
    id,
    kind,
    created,
    body,
    shelf: live ? kind : deletedShelf(kind),
    slots: slotsOf(layout, body),
    ...(uniques.length > 0 && { uniques }),
    ...(items.length > 0 && { items }),
    ...(live && claim === undefined && { free: kind }),
    ...(claim !== undefined && { claimed: [claimedKey(kind, claim.owner)] }),
    ...(purgeMs !== undefined && { purgeMs }),
  };
}

/** A change that leads to `after`. */
export function changeDocument(
  { id, kind }: { readonly id: string; readonly kind: string },
  before: RecordBody | undefined,
  after: RecordBody,
  { action, actor, request }: Deed,
): ChangeDocument {
  const { updatedMs, version } = after;
  return {
    id: changeId(id, after),
    recordId: id,
    kind,
    order: `${padded(updatedMs, 15)} ${id} ${padded(version, 10)}`,
    timeMs: updatedMs,
    actor,
    action,
    ...(before !== undefined && { before }),
    after,
    ...(request !== undefined && { request }),
  };
}

/** Of all changes that could lead to this version, one is committed; so a version has one id. */
export function changeId(recordId: string, { createdMs, version }: RecordBody): string {
  return `${recordId}/${createdMs.toString(36)}/${version.toString(36)}`;
}

/** A record's place in the order of creation; `index` orders those of one call. */
export function createdOrder(nowMs: number, index: number): string {
  return `${padded(nowMs, 15)}-${padded(index, 5)}`;
}

export function deletedShelf(kind: string): string {
  return `${kind}/deleted`;
}

export function claimedKey(kind: string, owner: string): string {
  return `${kind}/${owner}`;
}

/** The key by which a value of a unique field is taken. */
export function uniqueKey(kind: string, field: string, layout: FieldLayout, value: FieldValue): string {
  return `${layout.uniqueAmong ?? kind}/${field}/${orderKey(layout, value)}`;
}

/** The key of a value that is compared as it is written, within its kind; see RecordBody.asWritten. */
export function keyAsWritten(kind: string, field: string, { type }: FieldLayout, value: FieldValue): string {
  return `${kind}/${field}/${orderKey({ type }, value)}`;
}

export function itemKey(kind: string, field: string, item: string): string {
  return `${kind}/${field}=${item}`;
}

export function uniquesOf(layout: KindLayout, kind: string, body: RecordBody | undefined): string[] {
  if (body === undefined || body.deletedMs !== undefined) return [];
  return Object.entries(layout.fields).flatMap(([name, field]) => {
    const value = body.fields[name];
    if (!field.unique || value === undefined) return [];
    const keyOf = body.asWritten?.includes(name) === true ? keyAsWritten : uniqueKey;
    return [keyOf(kind, name, field, value)];
  });
}

function slotsOf(layout: KindLayout, { fields }: RecordBody): Record<string, string> {
  const slots: Record<string, string> = {};
  for (const [name, field] of Object.entries(layout.fields)) {
    const { slot } = field;
    const value = fields[name];
    if (slot !== undefined && value !== undefined) slots[`s${slot}`] = orderKey(field, value);
  }
  return slots;
}

function itemsOf(layout: KindLayout, kind: string, { fields }: RecordBody): string[] {
  return Object.entries(layout.fields).flatMap(([name, { type }]) => {
    const value = fields[name];
    return type !== 'STRINGS' || !Array.isArray(value)
      ? []
      : [...new Set((value as readonly string[]).map((item) => itemKey(kind, name, item)))];
  });
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
