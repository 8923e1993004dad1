import type { ExecutionContext, TestFn } from 'ava';
import type { Collection, CollectionSpec, CollectionStore, Found, Query } from '../collection.js';

/** An engine under test, on storage of its own. */
export interface Running {
  readonly store: CollectionStore;
  /** What a child process needs to open the same storage: see `inserter.ts`. */
  readonly target: string;
  /** Closes the store. For an engine in a process of its own, kills that too (SIGKILL) and starts it with its data. */
  restart(): Promise<void>;
  /** Frees the storage for another process. */
  release(): Promise<void>;
  /** The store as it is after a restart or release, opened anew when it was closed; on another database when one is named. */
  reopen(database?: string): Promise<CollectionStore>;
  stop(): Promise<void>;
}

/** How the conformance suite starts an engine. */
export interface Subject {
  readonly engine: 'sqlite' | 'mongo';
  start(): Promise<Running>;
  /** Like `start`, on a server that a test may kill; undefined when this machine cannot. */
  readonly startOwn: (() => Promise<Running>) | undefined;
}

/** What a group of tests is given: `running` is shared by tests that do not restart it; each takes a collection of its own. */
export interface Suite {
  readonly test: TestFn;
  readonly subject: Subject;
  readonly running: () => Running;
  readonly fresh: () => Promise<Collection<Thing>>;
}

/** The documents of the tests. */
export interface Thing {
  readonly id: string;
  readonly owner?: string;
  readonly kind?: string;
  readonly time?: number;
  readonly live?: boolean;
  readonly host?: string;
  readonly tags?: readonly string[];
  readonly place?: { readonly rack: string; readonly slot: number };
  readonly count?: number;
  readonly [other: string]: unknown;
}

export function thingSpec(name: string): CollectionSpec {
  return {
    name,
    indexes: [
      { name: 'by_owner', fields: ['owner', 'time'] },
      { name: 'by_time', fields: ['time'] },
      { name: 'by_kind', fields: ['kind'] },
      { name: 'by_live', fields: ['live', 'time'] },
      { name: 'by_tag', fields: ['tags', 'time'] },
      { name: 'host', fields: ['host'], unique: true },
      { name: 'place', fields: ['place.rack', 'place.slot'], unique: true },
    ],
  };
}

export function numbered(count: number, thing: (index: number) => Partial<Thing> = () => ({})): Thing[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `thing-${String(index).padStart(6, '0')}`,
    ...thing(index),
  }));
}

export async function insertAll(collection: Collection<Thing>, things: readonly Thing[]): Promise<void> {
  for (const result of await collection.insert(things)) {
    if (result.outcome !== 'inserted') throw new Error(`not inserted: ${JSON.stringify(result)}`);
  }
}

export function ids(found: Found<Thing>): string[] {
  return found.documents.map(({ value }) => value.id);
}

/** Every page of a query; `between` runs after each one. */
export async function pages(
  collection: Collection<Thing>,
  query: Omit<Query, 'after'>,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<Thing[]> {
  const all: Thing[] = [];
  let after: string | undefined;
  do {
    const found = await collection.find({ ...query, ...(after === undefined ? {} : { after }) });
    all.push(...found.documents.map(({ value }) => value));
    after = found.next;
    await between();
  } while (after !== undefined);
  return all;
}

export async function withOwn(subject: Subject, body: (running: Running) => Promise<void>): Promise<void> {
  if (subject.startOwn === undefined) throw new Error('there is no server to kill');
  const running = await subject.startOwn();
  try {
    await body(running);
  } finally {
    await running.stop();
  }
}

/** Sorted copies, for sets whose order says nothing. */
export function sameMembers(t: ExecutionContext, actual: readonly string[], expected: readonly string[]): void {
  t.deepEqual([...actual].sort(), [...expected].sort());
}
