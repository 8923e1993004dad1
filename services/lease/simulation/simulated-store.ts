import type { Append, AppendResult, EventLog, LogEntry, LogStep, Refusal, Snapshot } from '@berth/storage';
import type { VirtualTime } from './virtual-time.js';

interface Kept {
  /** The `last` of the entry before it. */
  readonly prev: number;
  readonly entry: LogEntry;
}

/** All that a store keeps. Entries never change; the maps do. */
interface Stored {
  entries: readonly Kept[];
  last: number;
  snapshot: Snapshot | undefined;
  readonly locks: Map<string, string>;
  readonly deadlines: Map<string, number>;
  readonly sessions: Map<string, number>;
  readonly remembered: Map<string, string>;
}

function empty(): Stored {
  return {
    entries: [],
    last: 0,
    snapshot: undefined,
    locks: new Map(),
    deadlines: new Map(),
    sessions: new Map(),
    remembered: new Map(),
  };
}

function copyOf(stored: Stored): Stored {
  const { locks, deadlines, sessions, remembered } = stored;
  return {
    ...stored,
    locks: new Map(locks),
    deadlines: new Map(deadlines),
    sessions: new Map(sessions),
    remembered: new Map(remembered),
  };
}

/** The store of several replicas, in memory: everything means what the EventLog port says, and happens at once. */
export class SimulatedStore {
  /** Called with each entry that is committed, and the deadlines of leases as they were before. */
  committed: (entry: LogEntry, deadlines: ReadonlyMap<string, number>) => void = () => undefined;
  /** Those who are told that something has changed. */
  readonly followers = new Set<() => void>();
  #stored = empty();
  #copy = empty();
  #frozen: (() => void)[] | undefined;

  constructor(readonly time: VirtualTime) {}

  get last(): number {
    return this.#stored.last;
  }

  get entries(): readonly LogEntry[] {
    return this.#stored.entries.map(({ entry }) => entry);
  }

  get locks(): ReadonlyMap<string, string> {
    return this.#stored.locks;
  }

  get deadlines(): ReadonlyMap<string, number> {
    return this.#stored.deadlines;
  }

  get frozen(): boolean {
    return this.#frozen !== undefined;
  }

  /** Does something for a writer, once it is not frozen. */
  reach(ask: () => void): void {
    if (this.#frozen === undefined) ask();
    else this.#frozen.push(ask);
  }

  freeze(): void {
    this.#frozen ??= [];
  }

  /** Does what came while it was frozen. */
  thaw(): void {
    const asked = this.#frozen ?? [];
    this.#frozen = undefined;
    for (const ask of asked) ask();
    this.#wake();
  }

  /** Keeps a copy to which `goBack` goes back. */
  backUp(): void {
    this.#copy = copyOf(this.#stored);
  }

  /** Is there again, as it was at the last copy. */
  goBack(): void {
    this.#stored = copyOf(this.#copy);
    this.#wake();
  }

  /** Is there again, with nothing in it. */
  lose(): void {
    this.#stored = empty();
    this.#copy = empty();
    this.#wake();
  }

  append({ expected, events, steps }: Append): AppendResult {
    const found = this.after(expected);
    if (found === undefined) return { outcome: 'lost' };
    if (expected !== this.last) return { outcome: 'conflict', missed: found };
    const first = events.length === 0 ? expected + 1 : Math.max(expected + 1, this.time.nowMs * 1000);
    const before = this.#stored;
    this.#stored = copyOf(before);
    for (const [step, todo] of steps.entries()) {
      const refusal = this.#take(todo, first);
      if (refusal === undefined) continue;
      this.#stored = before;
      return { outcome: 'refused', refusal: { step, ...refusal } };
    }
    const last = first + events.length - 1;
    if (events.length > 0) {
      const entry = { first, last, events };
      this.#stored.entries = [...before.entries, { prev: expected, entry }];
      this.#stored.last = last;
      this.committed(entry, before.deadlines);
      this.#wake();
    }
    return { outcome: 'committed', first, last };
  }

  /** The entries after a position; undefined when the log cannot be continued from there. */
  after(position: number): readonly LogEntry[] | undefined {
    const { entries, last } = this.#stored;
    const from = entries.findLastIndex(({ entry }) => entry.last <= position) + 1;
    if (entries[from] === undefined ? position !== last : entries[from].prev !== position) return undefined;
    return entries.slice(from).map(({ entry }) => entry);
  }

  load(): Awaited<ReturnType<EventLog['load']>> {
    const { snapshot, last } = this.#stored;
    return { snapshot, entries: this.after(snapshot?.revision ?? 0) ?? [], last };
  }

  saveSnapshot(snapshot: Snapshot): void {
    const isNewer = snapshot.revision > (this.#stored.snapshot?.revision ?? 0);
    if (isNewer && this.after(snapshot.revision) !== undefined) this.#stored.snapshot = snapshot;
  }

  trim(upTo: number): void {
    const limit = Math.min(upTo, this.#stored.snapshot?.revision ?? 0);
    this.#stored.entries = this.#stored.entries.filter(({ entry }) => entry.last > limit);
  }

  recall(id: string): string | undefined {
    return this.#stored.remembered.get(id);
  }

  openSession(session: string, ttlMs: number): void {
    this.#stored.sessions.set(session, this.time.nowMs + ttlMs);
  }

  /** False when the session is gone: then it never comes back. */
  beat(session: string, ttlMs: number): boolean {
    if (!this.isAlive(session)) return false;
    this.openSession(session, ttlMs);
    return true;
  }

  closeSession(session: string): void {
    this.#stored.sessions.delete(session);
  }

  isAlive(session: string): boolean {
    return (this.#stored.sessions.get(session) ?? 0) > this.time.nowMs;
  }

  touch(lease: string, ttlMs: number, missing: boolean): boolean {
    const { deadlines } = this.#stored;
    if (deadlines.has(lease) === missing) return false;
    deadlines.set(lease, this.time.nowMs + ttlMs);
    return true;
  }

  #wake(): void {
    for (const wake of this.followers) wake();
  }

  /** Takes a step; undefined when it is taken. */
  #take(step: LogStep, first: number): Omit<Refusal, 'step'> | undefined {
    const { locks, deadlines, remembered } = this.#stored;
    switch (step.kind) {
      case 'hold':
      case 'free': {
        const lease = locks.get(step.bench);
        const fits = lease === step.lease || (step.kind === 'hold' && lease === undefined);
        if (!fits) return lease === undefined ? {} : { lease };
        if (step.kind === 'hold') locks.set(step.bench, step.lease);
        else locks.delete(step.bench);
        return undefined;
      }
      case 'arm':
        deadlines.set(step.lease, this.time.nowMs + step.ttlMs);
        return undefined;
      case 'disarm':
        deadlines.delete(step.lease);
        return undefined;
      case 'overdue': {
        const leftMs = (deadlines.get(step.lease) ?? NaN) - this.time.nowMs;
        if (!(leftMs <= 0)) return Number.isNaN(leftMs) ? {} : { remainingMs: leftMs };
        deadlines.delete(step.lease);
        return undefined;
      }
      case 'sessionAlive':
        return this.isAlive(step.session) ? undefined : {};
      case 'sessionGone':
        return this.isAlive(step.session) ? {} : undefined;
      case 'fresh': {
        const value = remembered.get(step.id);
        return value === undefined ? undefined : { value };
      }
      case 'remember':
        remembered.set(step.id, step.stamped === true ? `${step.value} ${String(first)}` : step.value);
        return undefined;
    }
  }
}
