import type { Demand } from './demand.js';
import type { BenchSpec, Condition, HoldMode, RequestSpec } from './model.js';
import type { Ranked } from './ranked-queue.js';

/** A bench of the lab, with its present holder. Changed by LabState only. */
export interface Bench {
  spec: BenchSpec;
  origin: string;
  condition: Condition;
  /** It goes when its present lease ends. */
  retired: boolean;
  lease: Lease | undefined;
  /** Revision of the end of its last lease; 0 = never used. */
  lastUsed: number;
  /** Revision of the last change of its description or condition: its etag. */
  revision: number;
  /** How long leases of it took so far, newer ones counting more; 0 = no history. */
  holdAverageMs: number;
  /** The demands that it could serve. Derived. */
  readonly demands: Set<Demand>;
}

/** A request in the queue. Changed by LabState only. */
export interface Waiting extends Ranked {
  readonly spec: RequestSpec;
  readonly demand: Demand;
  readonly arrivalMs: number;
  /** When it gives up; undefined = never. */
  readonly waitUntilMs: number | undefined;
  priority: number;
  score: number;
  /** The session of the server process that its caller's stream hangs on. */
  session: string;
  /** Set while no stream is attached: until when the place is kept. */
  detachedUntilMs: number | undefined;
  /** Set while no stream is attached: until when what is free is kept back for it as well. */
  keptUntilMs: number | undefined;
  /** True once that is over: it keeps its place, and gets and claims nothing until its caller is back. */
  aside: boolean;
}

/** A grant in force. Changed by LabState only. */
export interface Lease {
  readonly id: string;
  readonly spec: RequestSpec;
  readonly owner: string;
  readonly benches: readonly Bench[];
  /** How each of `benches` was described when it was granted: the bench's own `spec`, until the bench is changed. */
  readonly specs: readonly BenchSpec[];
  /** The fencing token: the revision of the grant. */
  readonly token: number;
  readonly arrivalMs: number;
  readonly grantedMs: number;
  readonly hold: HoldMode;
  readonly ttlMs: number | undefined;
  /** The first owner, when it was transferred. */
  readonly transferredFrom: string;
  /** For CONNECTION: the session that its stream hangs on. */
  session: string;
  /** For CONNECTION, while no stream is attached: until when it is kept. */
  detachedUntilMs: number | undefined;
  /** When it ends at the latest. */
  endMs: number | undefined;
}
