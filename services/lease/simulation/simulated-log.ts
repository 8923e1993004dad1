import type { LeaseEvent } from '../src/domain/events.js';
import type { Step } from '../src/domain/steps.js';
import { LogAudit } from './log-audit.js';

export interface SimulatedEntry {
  readonly first: number;
  readonly last: number;
  readonly events: readonly LeaseEvent[];
}

export type SimulatedAppend =
  | { readonly outcome: 'committed'; readonly entry: SimulatedEntry }
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'lost' }
  | { readonly outcome: 'refused'; readonly step: Step };

interface Stored {
  readonly entries: SimulatedEntry[];
  readonly locks: Map<string, string>;
  readonly deadlines: Map<string, number>;
  readonly sessions: Map<string, number>;
  readonly remembered: Map<string, string>;
}

/** The store of several replicas, in memory: the steps of an append mean what the EventLog port says. */
export class SimulatedLog {
  nowMs = 1_000_000;
  /** Every grant that was ever committed, also those that the store lost: bench, token. */
  readonly grants: { readonly bench: string; readonly token: number }[] = [];
  #stored: Stored = { entries: [], locks: new Map(), deadlines: new Map(), sessions: new Map(), remembered: new Map() };
  #copy = structuredClone(this.#stored);
  #audit = new LogAudit();
  #auditCopy = new LogAudit();

  get last(): number {
    return this.#stored.entries.at(-1)?.last ?? 0;
  }

  get locks(): ReadonlyMap<string, string> {
    return this.#stored.locks;
  }

  append(expected: number, events: readonly LeaseEvent[], steps: readonly Step[]): SimulatedAppend {
    if (!this.continues(expected)) return { outcome: 'lost' };
    if (expected !== this.last) return { outcome: 'conflict' };
    const stored = structuredClone(this.#stored);
    for (const step of steps) if (!this.#take(stored, step)) return { outcome: 'refused', step };
    const first = Math.max(this.last + 1, this.nowMs * 1000);
    const entry = structuredClone({ first, last: first + events.length - 1, events });
    this.#audit.check(entry.events, this);
    if (events.length > 0) stored.entries.push(entry);
    this.#stored = stored;
    for (const step of steps)
      if (step.kind === 'hold') this.grants.push({ bench: step.bench, token: first + step.event });
    return { outcome: 'committed', entry };
  }

  /** Whether a reader at this revision can read on: it is where an entry of the log ended. */
  continues(revision: number): boolean {
    return revision === 0 || this.#stored.entries.some((entry) => entry.last === revision);
  }

  read(after: number): readonly SimulatedEntry[] {
    return structuredClone(this.#stored.entries.filter((entry) => entry.first > after));
  }

  /** Keeps a copy to which `loseTail` goes back. */
  backUp(): void {
    this.#copy = structuredClone(this.#stored);
    this.#auditCopy = this.#audit.copy();
  }

  /** The store comes back as it was at the last copy; its clock goes on. */
  loseTail(): void {
    this.#stored = structuredClone(this.#copy);
    this.#audit = this.#auditCopy.copy();
    this.nowMs += 10;
  }

  openSession(session: string, ttlMs: number): void {
    this.#stored.sessions.set(session, this.nowMs + ttlMs);
  }

  /** False when the session is gone: then it never comes back. */
  beat(session: string, ttlMs: number): boolean {
    if (!this.isAlive(session)) return false;
    this.#stored.sessions.set(session, this.nowMs + ttlMs);
    return true;
  }

  isAlive(session: string): boolean {
    return (this.#stored.sessions.get(session) ?? 0) > this.nowMs;
  }

  /** Starts a lease's deadline anew, when it has one. */
  touch(lease: string, ttlMs: number): void {
    if (!this.#stored.deadlines.has(lease)) return;
    this.#stored.deadlines.set(lease, this.nowMs + ttlMs);
    this.#audit.touched(lease, this.nowMs + ttlMs);
  }

  isOverdue(lease: string): boolean {
    return (this.#stored.deadlines.get(lease) ?? Infinity) <= this.nowMs;
  }

  #take({ locks, deadlines, remembered }: Stored, step: Step): boolean {
    switch (step.kind) {
      case 'hold':
        if (locks.has(step.bench)) return false;
        locks.set(step.bench, step.lease);
        return true;
      case 'free':
        return locks.get(step.bench) === step.lease && locks.delete(step.bench);
      case 'arm':
        deadlines.set(step.lease, this.nowMs + step.ttlMs);
        return true;
      case 'disarm':
        deadlines.delete(step.lease);
        return true;
      case 'overdue':
        return (deadlines.get(step.lease) ?? Infinity) <= this.nowMs && deadlines.delete(step.lease);
      case 'sessionAlive':
        return this.isAlive(step.session);
      case 'sessionGone':
        return !this.isAlive(step.session);
      case 'fresh':
        return !remembered.has(step.id);
      case 'remember':
        remembered.set(step.id, step.value);
        return true;
    }
  }
}
