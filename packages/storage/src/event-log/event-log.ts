/**
 * A position in a log: a microsecond timestamp made strictly increasing, `max(last + 1, now_us)`. It fits a JavaScript
 * safe integer, and still rises when a store loses its tail or all its data.
 */
export type Revision = number;

/** What was committed by one append: the events have the revisions `first`, `first + 1`, … `last`. */
export interface LogEntry {
  readonly first: Revision;
  readonly last: Revision;
  readonly events: readonly Uint8Array[];
}

/**
 * What an append checks and sets besides the events, all in the same atomic step and in this order. A step sees the effect
 * of those before it, so a bench can be freed and held again in one append.
 */
export type LogStep =
  /** Takes the lock of a bench for a lease; refused when another lease holds it. The token is the revision of `events[event]`. */
  | { readonly kind: 'hold'; readonly bench: string; readonly lease: string; readonly event: number }
  /** Gives the lock back; refused when it is not this lease's. */
  | { readonly kind: 'free'; readonly bench: string; readonly lease: string }
  /** Starts the lease's deadline: now + `ttlMs`. */
  | { readonly kind: 'arm'; readonly lease: string; readonly ttlMs: number }
  /** Removes the lease's deadline, if there is one. */
  | { readonly kind: 'disarm'; readonly lease: string }
  /** Refused unless the lease has a deadline and it is over (no deadline counts as not over). Removes it. */
  | { readonly kind: 'overdue'; readonly lease: string }
  /** Refused unless the session lives. */
  | { readonly kind: 'sessionAlive'; readonly session: string }
  /** Refused while the session lives. */
  | { readonly kind: 'sessionGone'; readonly session: string }
  /** Refused when something is remembered under `id`. Writes nothing. */
  | { readonly kind: 'fresh'; readonly id: string }
  /**
   * Remembers `value` under `id` for `ttlMs`, in place of what was there. With `stamped` the `first` of this append follows
   * the value, after a space: the writer cannot know it, and what it wrote may have revisions in it.
   */
  | {
      readonly kind: 'remember';
      readonly id: string;
      readonly value: string;
      readonly ttlMs: number;
      readonly stamped?: true;
    };

/**
 * An append without events only takes its steps: it is checked against `expected` like any other, but writes no entry, and
 * the revision stays. So of several of them with the same `expected` each is taken unless its own steps refuse it.
 */
export interface Append {
  /** The last revision that the writer has seen; 0 for an empty log. */
  readonly expected: Revision;
  /** At most 10,000; at least one when there are no steps. */
  readonly events: readonly Uint8Array[];
  readonly steps: readonly LogStep[];
}

/** Why a step was refused, with what the writer needs to plan again. */
export interface Refusal {
  /** Index into `Append.steps`. */
  readonly step: number;
  /** `hold`, `free`: the lease that holds the lock, if any. */
  readonly lease?: string;
  /** `overdue`: how long until the deadline; absent when the lease has none. */
  readonly remainingMs?: number;
  /** `fresh`: what is there. */
  readonly value?: string;
}

export type AppendResult =
  /** Committed, durable. Without events `last` is `expected`, and `first` is the number after it. */
  | { readonly outcome: 'committed'; readonly first: Revision; readonly last: Revision }
  /** Nothing was written: `expected` is not the last revision. `missed` has the entries after it (at most 1,000). */
  | { readonly outcome: 'conflict'; readonly missed: readonly LogEntry[] }
  /** Nothing was written: the log cannot be continued from `expected` (the store lost data, or trimmed past it): load again. */
  | { readonly outcome: 'lost' }
  /** Nothing was written: a step was refused. */
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

/** A state of the reader's, saved so that a later start need not read the whole log. */
export interface Snapshot {
  readonly revision: Revision;
  readonly data: Uint8Array;
}

/** What `follow` gives: an entry, or word that the log cannot be continued from where the reader was (load again). */
export type Followed = { readonly kind: 'entry'; readonly entry: LogEntry } | { readonly kind: 'lost' };

/**
 * A totally ordered log with optimistic append: any number of writers plan against what they have read, and only one of
 * several appends with events and the same `expected` is committed.
 *
 * Beside the log stands soft state that is not part of history: locks of held benches, deadlines of leases, sessions of
 * writers, remembered answers. Every method that reaches the store throws STORE_UNAVAILABLE (with retryAfterMs) within
 * 2 s when the store does not answer; an `append` that threw may have been committed: read on to know.
 */
export interface EventLog {
  /** The store's clock in milliseconds, as last estimated; never reaches the store. */
  now(): number;
  append(batch: Append): Promise<AppendResult>;
  /** The newest snapshot (if any), and what came after it; `last` is the last revision of all. For start and for recovery. */
  load(): Promise<{
    readonly snapshot: Snapshot | undefined;
    readonly entries: readonly LogEntry[];
    readonly last: Revision;
  }>;
  /**
   * Entries after `after`, at most `limit` (default 1,000), in order. 'trimmed' when the log cannot be continued from there:
   * some of them are kept no longer, or `after` is not the end of an entry of this log (the store lost that entry).
   */
  read(after: Revision, limit?: number): Promise<readonly LogEntry[] | 'trimmed'>;
  /**
   * Pushes entries after `after` as they are committed, by any process, until `signal` aborts. Survives a store that goes
   * away and comes back (retries inside, forever); yields `lost` and ends when the log cannot be continued.
   */
  follow(after: Revision, signal: AbortSignal): AsyncIterable<Followed>;
  /**
   * Saves a snapshot unless a newer one is there, and keeps it over restarts. One whose revision is not the end of an entry
   * of this log (it was made before the store lost that entry) is ignored.
   */
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  /** Drops entries with `last` ≤ `upTo`, but never those after the newest snapshot or after a bookmark. */
  trim(upTo: Revision): Promise<void>;
  /** Where a reader of this name is; undefined when it has no bookmark (never had one, or the store lost it). */
  bookmark(reader: string): Promise<Revision | undefined>;
  /** Keeps a reader's position over restarts, and the entries after it from being trimmed; undefined removes it. */
  setBookmark(reader: string, position: Revision | undefined): Promise<void>;
  /**
   * Starts the deadlines of leases anew: now + ttlMs, for those that have a deadline (or, with `missing`, those that have
   * none). Answers for each, in order, whether it was done.
   */
  touch(
    leases: readonly { readonly lease: string; readonly ttlMs: number }[],
    missing?: boolean,
  ): Promise<readonly boolean[]>;
  /** How long until each lease's deadline, in ms (negative = over); undefined = it has none. */
  deadlines(leases: readonly string[]): Promise<readonly (number | undefined)[]>;
  /** Starts a session that lives for `ttlMs` unless it beats. */
  openSession(session: string, ttlMs: number): Promise<void>;
  /** Prolongs a session; false when it is gone already (a gone session never comes back). */
  beat(session: string, ttlMs: number): Promise<boolean>;
  /** Ends a session at once. */
  closeSession(session: string): Promise<void>;
  /** Which of these sessions live. */
  aliveSessions(sessions: readonly string[]): Promise<ReadonlySet<string>>;
  /** What is remembered under `id`. */
  recall(id: string): Promise<string | undefined>;
  /**
   * Calls `listener` each time the store answers again after it did not, and when it was restarted meanwhile. Answers a function that ends this. Absent where the store cannot go away without the process.
   */
  onRecovered?(listener: () => void): () => void;
  /** Ends followers and frees what the log holds. */
  close(): Promise<void>;
}

/** Where the logs of all labs are kept. */
export interface EventLogStore {
  /** Which engine it is, for logs and errors. */
  readonly engine: 'sqlite' | 'redis';
  /** True when sessions of other processes can exist (several replicas on one store). */
  readonly shared: boolean;
  /** Opens the log of a lab, making it when it is not there. The same object for the same lab. */
  open(lab: string): Promise<EventLog>;
  /** True when an event was ever appended to the lab's log, also by another process. Makes nothing. */
  has(lab: string): Promise<boolean>;
  /** The labs that have a log, among them those that were opened and never written to. */
  labs(): Promise<readonly string[]>;
  /** Resolves when the store answers; throws STORE_UNAVAILABLE otherwise (with what to do). */
  ping(): Promise<void>;
  /** Closes all logs. */
  close(): Promise<void>;
}
