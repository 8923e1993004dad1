import type { Changes } from '@berth/documents';
import type { Clock, Failpoint, Logger } from '@berth/kernel';
import type { Allocation, ReportRules } from '../domain/index.js';
import type { Locks, TrackerCollections } from '../ports/collections.js';
import type { CommandLine, CommandRunner } from '../ports/command-runner.js';
import type { Parents } from '../ports/parent-check.js';

/** How a kind is deleted and its owner told. */
export interface Collector {
  readonly delete?: CommandLine | undefined;
  readonly notify?: CommandLine | undefined;
  readonly releaseWithoutCommand: boolean;
  readonly timeoutMs: number;
}

export interface TrackerSettings {
  readonly sweepMs: number;
  readonly requestIdTtlMs: number;
  readonly collect: {
    readonly graceMs: number;
    readonly maxPerCycle: number;
    readonly maxPerOwner: number;
    readonly maxPercent: number;
    readonly kinds: ReadonlyMap<string, Collector>;
  };
  readonly report: ReportRules;
  /** For how long something is kept once it is over. */
  readonly retention: {
    /** What has ended, and closed groups. */
    readonly allocationsMs: number;
    readonly plansMs: number;
  };
}

/** What the use cases work with. */
export interface TrackerContext {
  readonly collections: TrackerCollections;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  readonly locks: Locks;
  readonly runner: CommandRunner;
  /** Absent where nobody knows of parents: then nothing is L4. */
  readonly parents?: Parents | undefined;
  readonly settings: TrackerSettings;
  /** Told of each change of an allocation by this process; tells watchers of all changes. */
  readonly changes: Changes<Allocation>;
}

/** How a part says whether it works, and why not; told again and again, also without a change. */
export type PartSays = (works: boolean, why?: unknown) => void;
