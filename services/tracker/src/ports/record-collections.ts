import type { Actor } from '@berth/kernel';
import type { Collection, Write, WriteAllResult } from '@berth/storage';
import type { KindLayout, RecordAction, RecordBody, RequestKey } from '../domain/records/index.js';

export type { Collection, Stored, Where } from '@berth/storage';

/** A record as it is stored. What stands beside `body` is for indexes, and follows from it, except for what says otherwise. */
export interface RecordDocument {
  readonly id: string;
  readonly kind: string;
  /** Its place in the order of creation; never changes. */
  readonly created: string;
  readonly body: RecordBody;
  /** `KIND`, or `KIND/deleted` when it is deleted. */
  readonly shelf: string;
  /** The keys of its values: `s0` and so on, as the kind's layout says. */
  readonly slots: Readonly<Record<string, string>>;
  /**
   * `KIND/FIELD/KEY` for unique fields, or `WORD/FIELD/KEY` for those that are unique among several kinds: of a deleted
   * record none.
   */
  readonly uniques?: readonly string[];
  /** `KIND/FIELD=ITEM` for each item of a list. */
  readonly items?: readonly string[];
  /** The kind, when it can be claimed. */
  readonly free?: string;
  /** `KIND/OWNER` when it is claimed. */
  readonly claimed?: readonly string[];
  readonly purgeMs?: number;
}

/** A request's id, and the call that it is bound to: see bound-request.ts. */
export interface RequestDocument {
  readonly id: string;
  readonly status: 'bound' | 'committed';
  readonly startedMs: number;
  /** Of some documents of earlier versions there is none. */
  readonly request?: RequestKey | undefined;
  /** The changes that the call made, in the order of its answer; once it is committed. */
  readonly changes?: readonly string[];
  /** The record that a call of an earlier version was about to change. */
  readonly recordId?: string;
}

/** One change of a record; never changes itself. */
export interface ChangeDocument {
  readonly id: string;
  readonly recordId: string;
  readonly kind: string;
  /** Its place among all changes. */
  readonly order: string;
  readonly timeMs: number;
  readonly actor: Actor;
  readonly action: RecordAction;
  readonly before?: RecordBody;
  readonly after: RecordBody;
  readonly request?: RequestKey;
}

/** The layout of a kind; its id is the kind's name. */
export interface LayoutDocument extends KindLayout {
  readonly id: string;
  /** Records may have keys of an earlier layout still; see rewriteKeys. */
  readonly rewrite?: boolean;
}

/** One of several writes. */
export type InventoryWrite =
  | (Write<RecordDocument> & { readonly collection: 'records' })
  | (Write<ChangeDocument> & { readonly collection: 'record_changes' })
  | (Write<RequestDocument> & { readonly collection: 'record_requests' });

/** The documents of the inventory. */
export interface RecordCollections {
  readonly records: Collection<RecordDocument>;
  readonly changes: Collection<ChangeDocument>;
  /** Calls by their request ids. */
  readonly requests: Collection<RequestDocument>;
  readonly layouts: Collection<LayoutDocument>;
  /** Does all of the writes, or none; see CollectionStore. */
  readonly writeAll: (writes: readonly InventoryWrite[]) => Promise<WriteAllResult>;
}
