import type { Actor } from '@berth/kernel';
import type { Collection } from '@berth/storage';
import type { KindLayout, RecordAction, RecordBody, RequestKey } from '../domain/records/index.js';

export type { Collection, InsertResult, Stored, Where } from '@berth/storage';

/**
 * A record as it is stored. What stands beside `body` is for indexes, and follows from `body` and `hold`, except for what
 * says otherwise.
 */
export interface RecordDocument {
  readonly id: string;
  readonly kind: string;
  /** Its place in the order of creation; never changes. */
  readonly created: string;
  readonly body: RecordBody;
  /** A change of several records that is under way: `body` counts if it is committed, else what was before. */
  readonly hold?: Hold;
  /** The last change, while it is perhaps not in the collection of changes. */
  readonly last?: ChangeDocument;
  /** `KIND`, or `KIND/deleted` when it is deleted. A held record is not there until it is so in any case. */
  readonly shelf: string;
  /** The keys of its values: `s0` and so on, as the kind's layout says. */
  readonly slots: Readonly<Record<string, string>>;
  /**
   * `KIND/FIELD/KEY` for unique fields, or `WORD/FIELD/KEY` for those that are unique among several kinds: of a deleted
   * record none, of a held one those of both ways it may go.
   */
  readonly uniques?: readonly string[];
  /** `KIND/FIELD=ITEM` for each item of a list. */
  readonly items?: readonly string[];
  /** The kind, when it can be claimed. */
  readonly free?: string;
  /** `KIND/OWNER` when it is claimed; of a held one those of both ways it may go. */
  readonly claimed?: readonly string[];
  /** The kind, while there is something left to do: a hold, or a change that is perhaps not logged. */
  readonly chore?: string;
  /** Since when. */
  readonly choreMs?: number;
  readonly purgeMs?: number;
}

export interface Hold {
  /** `ID#ATTEMPT` of the transaction. */
  readonly transaction: string;
  /** Absent for a record that was not there. */
  readonly before?: RecordBody;
}

/** A change of several records at once. Its status is what decides; see RecordTransactions. */
export interface TransactionDocument {
  readonly id: string;
  /** Counts from 1; what an earlier attempt held does not count. */
  readonly attempt: number;
  readonly status: 'open' | 'committed' | 'undone';
  readonly startedMs: number;
  readonly request?: RequestKey;
  /** The changes that it made, in the order of the answer; once it is committed. */
  readonly changes?: readonly string[];
}

/** A call that changes one record, bound to it before it writes: see bound-request.ts. What became of it, the record says. */
export interface SingleRequestDocument {
  readonly id: string;
  readonly status: 'single';
  readonly startedMs: number;
  readonly request: RequestKey;
  readonly recordId: string;
}

/** What a request id is bound to. */
export type RequestDocument = TransactionDocument | SingleRequestDocument;

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

/** The documents of the inventory. */
export interface RecordCollections {
  readonly records: Collection<RecordDocument>;
  readonly changes: Collection<ChangeDocument>;
  /** Calls by their request ids, and all changes of several records. */
  readonly requests: Collection<RequestDocument>;
  readonly layouts: Collection<LayoutDocument>;
}
