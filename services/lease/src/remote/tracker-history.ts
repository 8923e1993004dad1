import type { Allocation, AllocationResult, Berth, BerthCallOptions } from '@berth/client';
import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { RegisterIntentRequest } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { HistorySink, LeaseFact, LeaseOver, RefusedFact } from '../ports/history-sink.js';
import type { Beginning } from './lease-allocations.js';
import { beginningsOf, parentOf, reasonOf } from './lease-allocations.js';

const CALL_MS = 10_000;
/** Half of what a server takes by default. */
const MOST_BYTES = 512 * 1024;
const MOST_ITEMS = 500;
/** Live leases whose allocations are known without asking. */
const MOST_KNOWN = 100_000;
/** google.rpc codes of what has nothing to do with what was told: cancelled, late, exhausted, aborted, unavailable. */
const PASSING: ReadonlySet<unknown> = new Set([1, 4, 8, 10, 14]);
/** Statuses of a whole call that pass, which may also be refused to its caller. */
const PASSING_CALL: ReadonlySet<unknown> = new Set([...PASSING, 7, 12, 16]);
/** Faults of the tracker: unknown, internal. */
const FAULTS: ReadonlySet<unknown> = new Set([2, 13]);

/** Why something was refused. */
interface Refused {
  readonly code: number;
  readonly message: string;
}

type Refusals = Map<LeaseFact, Refused>;

/**
 * Keeps the history of leases in the tracker: an allocation of kind `lease` for each bench of each lease. Request ids follow
 * from lease and fencing token, so what is told twice is kept once. `connected` gives a client of the tracker, always as the
 * same caller: request ids belong to their caller.
 */
export function trackerHistory(connected: () => Promise<Berth>): HistorySink {
  return new TrackerHistory(connected);
}

class TrackerHistory implements HistorySink {
  /** The live allocations of a lease; whose lease is not among them is asked for. */
  readonly #known = new Map<string, string[]>();

  constructor(private readonly connected: () => Promise<Berth>) {}

  async record(lab: string, facts: readonly LeaseFact[], signal: AbortSignal): Promise<readonly RefusedFact[]> {
    // The history itself retries, for as long as it takes.
    const call: BerthCallOptions = { signal, timeoutMs: CALL_MS, retry: false };
    const refusals: Refusals = new Map();
    // All beginnings first: a lease ends after it began, here or in an earlier call.
    const beginnings = facts.flatMap((fact) =>
      fact.kind === 'began' ? beginningsOf(lab, fact).map((beginning) => ({ fact, ...beginning })) : [],
    );
    for (const some of inMessages(beginnings)) await this.#begin(some, call, refusals);
    const ends = facts.filter((fact) => fact.kind === 'over');
    for (const some of inParts(ends, MOST_ITEMS)) await this.#end(lab, some, call, refusals);
    const refused = [...refusals.values()];
    // One that finds a fault with everything is ill itself: nothing is to be set aside for that.
    if (facts.length > 1 && refused.length === facts.length && refused.every(({ code }) => FAULTS.has(code))) {
      throw new Error(`the tracker fails at everything that it is told: ${refused[0]?.message ?? ''}`);
    }
    return [...refusals].map(([fact, { message }]) => ({ fact, why: message }));
  }

  async #begin(beginnings: readonly Told[], call: BerthCallOptions, refusals: Refusals): Promise<void> {
    const { allocations } = await this.connected();
    const requests = beginnings.map((told) => ({ told, request: told.request }));
    const registered = await this.#taken(requests, refusals, (some) =>
      allocations.batchRegisterIntents({ requests: some }, call),
    );
    const confirmations = registered.flatMap((allocation, i) => {
      const told = beginnings[i];
      if (allocation === undefined || told === undefined) return [];
      this.#know(told.leaseId, allocation);
      // What was told before is further already.
      if (allocation.state !== AllocationState.INTENT) return [];
      const requestId = `${told.request.requestId}-held`;
      return [{ told, request: { id: allocation.id, allocateTime: new Date(told.atMs), requestId } }];
    });
    await this.#taken(confirmations, refusals, (some) => allocations.batchConfirmAllocations({ requests: some }, call));
  }

  async #end(lab: string, ends: readonly LeaseOver[], call: BerthCallOptions, refusals: Refusals): Promise<void> {
    const { allocations } = await this.connected();
    const requests: Item<{ id: string; reason: string; endTime: Date; requestId: string }>[] = [];
    for (const fact of ends) {
      const ids = this.#known.get(fact.leaseId) ?? (await this.#live(parentOf(lab, fact.leaseId), call));
      for (const id of ids) {
        const request = { id, reason: reasonOf(fact), endTime: new Date(fact.atMs), requestId: `${id}-over` };
        requests.push({ told: { fact }, request });
      }
    }
    await this.#taken(requests, refusals, (some) => allocations.batchConfirmReleases({ requests: some }, call));
    for (const fact of ends) if (!refusals.has(fact)) this.#known.delete(fact.leaseId);
  }

  /** The allocations of a lease that are not released yet: none when it began before there was a tracker. */
  async #live(parent: string, call: BerthCallOptions): Promise<string[]> {
    const { allocations } = await this.connected();
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
   * The allocations that came out of a batch; undefined for what is refused, which is noted with its fact. A batch that is
   * refused whole is told in halves, until it is known what in it is in the way. Throws when nothing can be told now.
   */
  async #taken<R>(
    items: readonly Item<R>[],
    refusals: Refusals,
    ask: (requests: R[]) => Promise<{ readonly results: readonly AllocationResult[] }>,
  ): Promise<readonly (Allocation | undefined)[]> {
    if (items.length === 0) return [];
    let results: readonly AllocationResult[];
    try {
      ({ results } = await ask(items.map(({ request }) => request)));
    } catch (error) {
      const { code, message } = error as Partial<Refused>;
      if (typeof code !== 'number' || PASSING_CALL.has(code)) throw error;
      const [item] = items;
      if (items.length === 1 && item !== undefined) {
        refusals.set(item.told.fact, { code, message: message ?? '' });
        return [undefined];
      }
      const half = Math.ceil(items.length / 2);
      const first = await this.#taken(items.slice(0, half), refusals, ask);
      return [...first, ...(await this.#taken(items.slice(half), refusals, ask))];
    }
    return items.map(({ told }, i) => {
      const result = results[i]?.result;
      if (result?.$case === 'allocation') return result.value;
      const { code = 13, message = 'the tracker did not answer for it' } = result?.value ?? {};
      if (PASSING.has(code)) throw new Error(message);
      refusals.set(told.fact, { code, message });
      return undefined;
    });
  }
}

/** A beginning, and the fact that it comes from. */
type Told = Beginning & { readonly fact: LeaseFact };

/** One request of a batch. */
interface Item<R> {
  readonly told: { readonly fact: LeaseFact };
  readonly request: R;
}

/** A lease of several benches may be cut in two: each of its allocations stands for itself. */
function* inMessages(beginnings: readonly Told[]): Generator<readonly Told[], void, undefined> {
  let part: Told[] = [];
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
