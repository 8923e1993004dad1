import type { Deed, FieldLayout, FieldValue, KindLayout, RecordBody } from '../../domain/records/index.js';
import { orderKey } from '../../domain/records/index.js';
import type { ChangeDocument, Hold, RecordDocument } from '../../ports/record-collections.js';

/** What a record's document is made from. */
export interface RecordParts {
  readonly id: string;
  readonly kind: string;
  readonly created: string;
  readonly body: RecordBody;
  readonly hold?: Hold;
  readonly last?: ChangeDocument;
  /** Since when there is something left to do, when there is. */
  readonly choreMs?: number;
}

/** A record's document, with the fields that indexes are made of. */
export function recordDocument(layout: KindLayout, parts: RecordParts): RecordDocument {
  const { id, kind, created, body, hold, last, choreMs } = parts;
  const busy = hold !== undefined || last !== undefined;
  const live = body.deletedMs === undefined;
  // Nobody may take a unique value until it is sure that this record does not have it, whichever way its hold ends; and
  // who looks for an owner's records has to find it either way. Claims and releases change no fields, so slots and items
  // are the same both ways.
  const ways = hold?.before === undefined ? [body] : [body, hold.before];
  const uniques = [...new Set(ways.flatMap((one) => uniquesOf(layout, kind, one)))];
  const claimed = [...new Set(ways.flatMap(({ claim }) => (claim === undefined ? [] : claimedKey(kind, claim.owner))))];
  const items = itemsOf(layout, kind, body);
  return {
    id,
    kind,
    created,
    body,
    ...(hold !== undefined && { hold }),
    ...(last !== undefined && { last }),
    shelf: live || (hold?.before !== undefined && hold.before.deletedMs === undefined) ? kind : deletedShelf(kind),
    slots: slotsOf(layout, body),
    ...(uniques.length > 0 && { uniques }),
    ...(items.length > 0 && { items }),
    ...(live && hold === undefined && body.claim === undefined && { free: kind }),
    ...(claimed.length > 0 && { claimed }),
    ...(busy && { chore: kind, choreMs: choreMs ?? body.updatedMs }),
    ...(body.purgeMs !== undefined && hold === undefined && { purgeMs: body.purgeMs }),
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
