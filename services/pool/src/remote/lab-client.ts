import type { Berth, BerthCallOptions } from '@berth/client';
import { BerthError, ConditionState, Recycle, toDuration } from '@berth/client';
import { kernelError } from '@berth/server';
import type { Lack } from '../domain/supply.js';
import type { LabClient } from '../ports/lab-client.js';
import { PoolBenches } from './pool-benches.js';

const CALL: BerthCallOptions = { timeoutMs: 10_000 };

/** Labs on the lease service that `connected` gives a client of, as an operator. */
export function labClient(connected: () => Promise<Berth>): LabClient {
  /** Calls; undefined when it is refused for one of these reasons. */
  async function call<T>(refusals: readonly string[], act: (berth: Berth) => Promise<T>): Promise<T | undefined> {
    try {
      return await act(await connected());
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      if (error.described && refusals.includes(error.reason)) return undefined;
      throw kernelError(error);
    }
  }

  return {
    async *watchBenches(lab, signal) {
      const berth = await connected();
      let benches: PoolBenches | undefined;
      let snapshot: PoolBenches | undefined;
      try {
        for await (const { snapshot: isSnapshot, changes, more, revision } of berth.watch({ lab, signal })) {
          // One that was cut off begins again.
          snapshot = isSnapshot ? (snapshot ?? new PoolBenches()) : undefined;
          for (const { kind } of changes) (snapshot ?? benches)?.take(kind);
          if (more) continue;
          [benches, snapshot] = [snapshot ?? benches, undefined];
          if (benches !== undefined) yield benches.at(revision);
        }
      } catch (error) {
        throw error instanceof BerthError ? kernelError(error) : error;
      }
    },

    async *watchDemand(lab, signal) {
      const { lease } = await connected();
      try {
        for await (const { revision, lacks, claimedBenches } of lease.watchDemand({ lab }, { signal })) {
          const told = lacks.map(({ requirement, affinity, count, offers }): Lack => {
            return { attributes: requirement?.attributes ?? [], affinity, count, offers };
          });
          yield { revision, lacks: told, claimed: new Set(claimedBenches) };
        }
      } catch (error) {
        if (signal.aborted) return;
        throw error instanceof BerthError ? kernelError(error) : error;
      }
    },

    async createBench({ lab, name, pool, attributes, properties, labels, requestId }) {
      const bench = {
        ...{ name, labels: { ...labels }, properties: { ...properties }, origin: `pool/${pool}` },
        attributes: [...attributes],
        recycle: Recycle.CLEAN,
      };
      const made = await call(['BENCH_EXISTS'], ({ inventory }) =>
        inventory.createBench({ lab, requestId, bench }, CALL),
      );
      const found = made ?? (await call([], ({ inventory }) => inventory.getBench({ lab, name }, CALL)));
      const { origin, etag = '' } = found?.bench ?? {};
      if (origin !== bench.origin) throw new Error(`bench '${name}' of lab ${lab} is not one of pool '${pool}'`);
      return revisionOf(etag);
    },

    async deleteBench(lab, name, how, reason) {
      const request = { lab, name, reason, force: how === 'force', onlyIdle: how === 'idle' };
      let kept = false;
      const deleted = await call(['NO_SUCH_BENCH', 'NO_SUCH_LAB'], ({ inventory }) =>
        inventory.deleteBench(request, CALL).catch((error: unknown) => {
          kept = error instanceof BerthError && ['BENCH_IN_USE', 'BENCH_BOOKED'].includes(error.reason);
          if (!kept) throw error;
          return undefined;
        }),
      );
      return deleted?.removed ?? !kept;
    },

    async finishCleaning(lab, name, fencingToken, affinity) {
      const request = { lab, name, fencingToken, affinity };
      const refusals = ['STALE_TOKEN', 'NO_SUCH_BENCH', 'NO_SUCH_LAB'];
      return (await call(refusals, ({ inventory }) => inventory.finishCleaning(request, CALL))) !== undefined;
    },

    async setQuarantine(lab, name, etag, reason) {
      const condition =
        reason === undefined
          ? { state: ConditionState.READY }
          : { state: ConditionState.QUARANTINED, reason: reason.slice(0, 1024) };
      const refusals = ['STALE_ETAG', 'NO_SUCH_BENCH', 'NO_SUCH_LAB'];
      const set = await call(refusals, ({ inventory }) => inventory.setCondition({ lab, name, etag, condition }, CALL));
      return set !== undefined;
    },

    async putOffer(lab, { attributes, makeMs, onDemand, ...offer }) {
      const told = {
        ...offer,
        attributes: [...attributes],
        onDemand: [...onDemand],
        ...(makeMs !== undefined && { makeTime: toDuration(makeMs) }),
      };
      await call([], ({ inventory }) => inventory.putOffer({ lab, offer: told }, CALL));
    },

    async deleteOffer(lab, pool) {
      await call(['NO_SUCH_LAB'], ({ inventory }) => inventory.deleteOffer({ lab, pool }, CALL));
    },
  };
}

/** The etag of a bench is the revision of its last change, in base 36. */
function revisionOf(etag: string): number {
  return parseInt(etag, 36);
}
