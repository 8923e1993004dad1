import type { Allocation, AllocationResult, Berth, BerthCallOptions } from '@berth/client';
import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { RegisterIntentRequest } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { Logger } from '../ports/environment.js';
import type { HistorySink, LeaseFact, LeaseOver } from '../ports/history-sink.js';
import type { Beginning } from './lease-allocations.js';
import { beginningsOf, parentOf, reasonOf } from './lease-allocations.js';

export interface TrackerHistoryOptions {
  /** Asked once, when there is something to tell first. */
  readonly address: () => string;
  readonly logger: Logger;
}

/** Who the tracker sees: a request id belongs to its caller, so this never changes. */
const CALLER = { user: 'berth-lease', role: 'operator' };
const CALL_MS = 10_000;
/** Half of what a server takes by default. */
const MOST_BYTES = 512 * 1024;
const MOST_ITEMS = 500;
/** Live leases whose allocations are known without asking. */
const MOST_KNOWN = 100_000;
/** google.rpc codes of what may go well the next time; everything else is refused for good. */
const PASSING: ReadonlySet<number> = new Set([1, 2, 4, 8, 10, 13, 14]);

/**
 * Keeps the history of leases in the tracker: an allocation of kind `lease` for each bench of each lease. Request ids follow
 * from lease and fencing token, so what is told twice is kept once.
 */
export function trackerHistory(options: TrackerHistoryOptions): HistorySink {
  return new TrackerHistory(options);
}

class TrackerHistory implements HistorySink {
  #berth: Promise<Berth> | undefined;
  /** The live allocations of a lease; whose lease is not among them is asked for. */
  readonly #known = new Map<string, string[]>();

  constructor(private readonly options: TrackerHistoryOptions) {}

  async record(lab: string, facts: readonly LeaseFact[], signal: AbortSignal): Promise<void> {
    // The history itself retries, for as long as it takes.
    const call: BerthCallOptions = { signal, timeoutMs: CALL_MS, retry: false };
    // All beginnings first: a lease ends after it began, here or in an earlier call.
    const beginnings = facts.flatMap((fact) => (fact.kind === 'began' ? beginningsOf(lab, fact) : []));
    for (const some of inMessages(beginnings)) await this.#begin(some, call);
    const ends = facts.filter((fact) => fact.kind === 'over');
    for (const some of inParts(ends, MOST_ITEMS)) await this.#end(lab, some, call);
  }

  async close(): Promise<void> {
    (await this.#berth)?.close();
  }

  async #begin(beginnings: readonly Beginning[], call: BerthCallOptions): Promise<void> {
    const { allocations } = await this.#connected();
    const requests = beginnings.map(({ request }) => request);
    const registered = this.#taken(
      (await allocations.batchRegisterIntents({ requests }, call)).results,
      requests.length,
    );
    const confirmations = registered.flatMap((allocation, i) => {
      const { leaseId, atMs, request } = beginnings[i] ?? {};
      if (allocation === undefined || leaseId === undefined || atMs === undefined) return [];
      this.#know(leaseId, allocation);
      // What was told before is further already.
      if (allocation.state !== AllocationState.INTENT) return [];
      return [{ id: allocation.id, allocateTime: new Date(atMs), requestId: `${request?.requestId ?? ''}-held` }];
    });
    if (confirmations.length === 0) return;
    const { results } = await allocations.batchConfirmAllocations({ requests: confirmations }, call);
    this.#taken(results, confirmations.length);
  }

  async #end(lab: string, ends: readonly LeaseOver[], call: BerthCallOptions): Promise<void> {
    const { allocations } = await this.#connected();
    const requests: { id: string; reason: string; endTime: Date; requestId: string }[] = [];
    for (const over of ends) {
      const ids = this.#known.get(over.leaseId) ?? (await this.#live(parentOf(lab, over.leaseId), call));
      for (const id of ids)
        requests.push({ id, reason: reasonOf(over), endTime: new Date(over.atMs), requestId: `${id}-over` });
    }
    if (requests.length > 0) {
      this.#taken((await allocations.batchConfirmReleases({ requests }, call)).results, requests.length);
    }
    for (const { leaseId } of ends) this.#known.delete(leaseId);
  }

  /** The allocations of a lease that are not released yet: none when it began before there was a tracker. */
  async #live(parent: string, call: BerthCallOptions): Promise<string[]> {
    const { allocations } = await this.#connected();
    const { allocations: found } = await allocations.listAllocations({ filter: { parent }, pageSize: 100 }, call);
    return found
      .filter(({ kind, state }) => kind === 'lease' && state === AllocationState.ALLOCATED)
      .map(({ id }) => id);
  }

  #know(leaseId: string, { id, state }: Allocation): void {
    if (state !== AllocationState.INTENT && state !== AllocationState.ALLOCATED) return;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const ids = this.#known.get(leaseId) ?? [];
    if (!ids.includes(id)) this.#known.set(leaseId, [...ids, id]);
  }

  /**
   * The allocations that came out of a batch; undefined for what is refused for good, which is logged and left out, as
   * history must go on. Throws when something may go well the next time.
   */
  #taken(results: readonly AllocationResult[], count: number): readonly (Allocation | undefined)[] {
    return Array.from({ length: count }, (_, i) => {
      const result = results[i]?.result;
      if (result?.$case === 'allocation') return result.value;
      const { code = 13, message = 'the tracker did not answer for it' } = result?.value ?? {};
      if (PASSING.has(code)) throw new Error(message);
      this.options.logger.warn({ code, reason: message }, 'the tracker refused a piece of history; it is left out');
      return undefined;
    });
  }

  #connected(): Promise<Berth> {
    this.#berth ??= this.#connect().catch((error: unknown) => {
      this.#berth = undefined;
      throw error;
    });
    return this.#berth;
  }

  async #connect(): Promise<Berth> {
    const address = this.options.address();
    // Loaded when there is something to tell, so that a start does not wait for it.
    const { connect } = await import('@berth/client');
    return connect({ address, ...CALLER });
  }
}

/** A lease of several benches may be cut in two: each of its allocations stands for itself. */
function* inMessages(beginnings: readonly Beginning[]): Generator<readonly Beginning[], void, undefined> {
  let part: Beginning[] = [];
  let bytes = 0;
  for (const beginning of beginnings) {
    const size = RegisterIntentRequest.encode(beginning.request).finish().length;
    if (part.length > 0 && (bytes + size > MOST_BYTES || part.length === MOST_ITEMS)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(beginning);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function* inParts<T>(all: readonly T[], size: number): Generator<readonly T[], void, undefined> {
  for (let i = 0; i < all.length; i += size) yield all.slice(i, i + size);
}
