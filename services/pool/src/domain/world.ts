import type { PoolOptions, PoolState } from './options/options.js';
import type { PoolDocument } from './pool-document.js';
import type { Resource } from './resource.js';
import type { Demand, LabBenches } from './supply.js';

/** A pool as it is in force. */
export interface WorldPool {
  readonly options: PoolOptions;
  /** It has left the file, and goes once nothing of it is left. */
  readonly removed: boolean;
  readonly document: PoolDocument;
}

/** What is known of a lab; nothing while the lease service tells nothing. */
export interface WorldLab {
  readonly benches?: LabBenches | undefined;
  readonly demand?: Demand | undefined;
  /** No call to the lease service before this: the last one failed. */
  readonly callsFromMs: number;
}

/** All that the reconciler decides by. */
export interface World {
  readonly pools: ReadonlyMap<string, WorldPool>;
  /** All that are live, by number. */
  readonly resources: ReadonlyMap<number, Resource>;
  readonly labs: ReadonlyMap<string, WorldLab>;
  /** This machine: what its processes are known by. */
  readonly host: string;
  /** The runs of this process. */
  readonly flying: ReadonlySet<string>;
  /** Numbers of resources for which something is being done about the bench. */
  readonly busy: ReadonlySet<number>;
  /** When benches, by the resource's number, were claimed last. */
  readonly claimedMs: ReadonlyMap<number, number>;
  /** Until when the lease service is not asked again to remove a bench that it kept since somebody wants it. */
  readonly keptUntilMs: ReadonlyMap<number, number>;
}

/** Something to be done about a resource, or about a bench that has none. */
export type Step =
  /** Write it, if it is still as it was; note: now or a moment later, since it is found out again when that gets lost. */
  | { readonly do: 'change' | 'note'; readonly number: number; readonly next: Resource }
  /** With a token: the lease of that token is over, which is noted when the command is. */
  | {
      readonly do: 'run';
      readonly number: number;
      readonly hook: 'release' | 'delete' | 'livecheck';
      readonly token?: number;
    }
  | { readonly do: 'abort'; readonly number: number; readonly run: string }
  /** End what an earlier process ran, and see what is left; released: the bench tells that `cmd_release` went well. */
  | { readonly do: 'recover'; readonly number: number; readonly released: boolean }
  | { readonly do: 'createBench'; readonly number: number }
  /** As LabClient.deleteBench; then it is to be deleted. With a token: the lease of that token is over. */
  | {
      readonly do: 'deleteBench';
      readonly number: number;
      readonly how: DeleteHow;
      readonly reason: string;
      readonly token?: number;
    }
  | { readonly do: 'finishCleaning'; readonly number: number; readonly token: number; readonly affinity: string }
  | { readonly do: 'quarantine'; readonly number: number; readonly etag: string; readonly reason: string | undefined }
  | { readonly do: 'removeStray'; readonly lab: string; readonly name: string };

/** force: also when it is leased; idle: only when nobody has it or waits for it; drain: now or after its lease. */
export type DeleteHow = 'force' | 'idle' | 'drain';

/** What a pool does at present: the operator's word goes before the file's. */
export function stateOf({ options, removed, document }: WorldPool): PoolState {
  const state = document.override?.state ?? options.state;
  return removed && state !== 'EVACUATING' ? 'DRAINING' : state;
}

/** Whether it gets rid of what it has. */
export function isLeaving(pool: WorldPool): boolean {
  const state = stateOf(pool);
  return state === 'DRAINING' || state === 'EVACUATING';
}
