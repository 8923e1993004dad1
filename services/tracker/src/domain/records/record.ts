import type { Actor, RequestKey } from '@berth/kernel';
import type { Fields } from './kind.js';

/** What a record is between two changes. */
export interface RecordBody {
  readonly fields: Fields;
  /** How many changes it has seen. */
  readonly version: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly deletedMs?: number;
  /** From then on it may be removed for good; only for deleted ones. */
  readonly purgeMs?: number;
  readonly claim?: Claim;
  /** The `address-ranges` record that it was claimed from: it goes back there when it is released. */
  readonly rangeId?: string;
  /**
   * Unique fields that are compared as they are written: when their values began to be compared otherwise, another record
   * had the same one already. Until one of the two gets another value, or is deleted.
   */
  readonly asWritten?: readonly string[];
}

export interface Claim {
  readonly owner: string;
  readonly sinceMs: number;
}

/** What can be done to a record. */
export type RecordAction = 'create' | 'update' | 'delete' | 'undelete' | 'claim' | 'release';

/** Who does something to records, and when. */
export interface Deed {
  readonly action: RecordAction;
  readonly actor: Actor;
  readonly nowMs: number;
  /** The call, so that a repeat of it gets the same answer; absent when it cannot be repeated. */
  readonly request?: RequestKey;
}

/** A deleted record can be brought back for so long. */
export const UNDELETE_MS = 30 * 24 * 3_600_000;

/** Changes with every change of a record, and with nothing else. */
export function etagOf({ version, updatedMs }: RecordBody): string {
  return `${version.toString(36)}-${updatedMs.toString(36)}`;
}

/** What a new record is. */
export function newBody(fields: Fields, nowMs: number): RecordBody {
  return { fields, version: 1, createdMs: nowMs, updatedMs: nowMs };
}

/** The record with other contents, one version on. Its times never go back, whatever the clocks of replicas say. */
export function nextBody(
  before: RecordBody,
  change: Partial<Pick<RecordBody, 'fields'>> & { readonly claim?: Claim | undefined },
  nowMs: number,
): RecordBody {
  const { fields, version, createdMs, updatedMs, rangeId } = before;
  const asWritten = before.asWritten?.filter(
    (name) => change.fields?.[name] === fields[name] || change.fields === undefined,
  );
  const claim = 'claim' in change ? change.claim : before.claim;
  return {
    fields: change.fields ?? fields,
    version: version + 1,
    createdMs,
    updatedMs: Math.max(updatedMs, nowMs),
    ...(claim !== undefined && { claim }),
    ...(rangeId !== undefined && { rangeId }),
    ...(asWritten !== undefined && asWritten.length > 0 && { asWritten }),
  };
}

/** The record as deleted, to be removed for good after `keepMs`. */
export function deletedBody(before: RecordBody, nowMs: number, keepMs: number): RecordBody {
  const { asWritten: _, ...body } = nextBody(before, { claim: undefined }, nowMs);
  return { ...body, deletedMs: body.updatedMs, purgeMs: body.updatedMs + keepMs };
}
