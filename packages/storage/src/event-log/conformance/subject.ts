import type { TestFn } from 'ava';
import type { AppendResult, EventLog, EventLogStore, Followed, LogStep, Revision } from '../event-log.js';

/** An engine under test, on storage of its own. */
export interface Running {
  readonly store: EventLogStore;
  /** What a child process needs to open the same storage: see `appender.ts`. */
  readonly target: string;
  /** Lets `ms` pass on the store's clock. */
  pass(ms: number): Promise<void>;
  /** Closes the store. For an engine in a process of its own, kills that too (SIGKILL) and starts it with its data. */
  restart(): Promise<void>;
  /** Frees the storage for another process. */
  release(): Promise<void>;
  /** The store as it is after a restart or release, opened anew when it was closed. */
  reopen(): Promise<EventLogStore>;
  stop(): Promise<void>;
}

/** How the conformance suite starts an engine. */
export interface Subject {
  readonly engine: 'sqlite' | 'redis';
  start(): Promise<Running>;
}

/** What a group of tests is given: `running` is shared by tests that do not restart it; each takes a lab of its own. */
export interface Suite {
  readonly test: TestFn;
  readonly subject: Subject;
  readonly running: () => Running;
  readonly fresh: () => Promise<EventLog>;
}

export function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

export function text(event: Uint8Array | undefined): string {
  return event === undefined ? '' : Buffer.from(event).toString();
}

/** The texts of the events of several entries. */
export function texts(entries: readonly { readonly events: readonly Uint8Array[] }[]): string[] {
  return entries.flatMap(({ events }) => events.map(text));
}

export type Committed = Extract<AppendResult, { outcome: 'committed' }>;

/** Appends events (one, unless they are given) with steps, which must be committed. */
export async function commit(
  log: EventLog,
  expected: Revision,
  steps: readonly LogStep[] = [],
  events: readonly string[] = ['event'],
): Promise<Committed> {
  const result = await log.append({ expected, events: events.map(bytes), steps });
  if (result.outcome !== 'committed') throw new Error(`not committed: ${JSON.stringify(result)}`);
  return result;
}

/** Takes `count` entries, or what comes before the follower ends. */
export async function take(followed: AsyncIterable<Followed>, count: number): Promise<Followed[]> {
  const taken: Followed[] = [];
  for await (const next of followed) {
    taken.push(next);
    if (taken.length === count) break;
  }
  return taken;
}
