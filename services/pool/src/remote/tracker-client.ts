import { hash } from 'node:crypto';
import type { Allocation, Berth, BerthCallOptions } from '@berth/client';
import { BerthError, Status, toDuration } from '@berth/client';
import type { Logger } from '@berth/kernel';
import { kernelError } from '@berth/server';
import type { TrackerClient } from '../ports/tracker-client.js';

/** What resources are called in the tracker. */
const KIND = 'pool-resource';
const CALL: BerthCallOptions = { timeoutMs: 10_000, retry: false };
const LONGEST_REASON = 1024;
const LONGEST_TIMEOUT_MS = 30 * 86_400_000;
/** What a report may have at most. */
const MOST_SEEN = 100_000;
/** Statuses of what would be refused again: it is not told, and nothing waits for it. */
const FINAL: ReadonlySet<Status> = new Set([
  Status.INVALID_ARGUMENT,
  Status.NOT_FOUND,
  Status.ALREADY_EXISTS,
  Status.FAILED_PRECONDITION,
  Status.OUT_OF_RANGE,
]);

/**
 * Resources in the tracker that `connected` gives a client of, always as the same caller: request ids belong to their
 * callers. An intent that is refused has the id '', of which nothing more is told.
 */
export function trackerClient(connected: () => Promise<Berth>, owner: string, logger: Logger): TrackerClient {
  /** Tells something; undefined when it is refused. */
  async function tell<T>(
    what: string,
    of: object,
    act: (api: Berth['allocations']) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await act((await connected()).allocations);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      if (!error.described || !FINAL.has(error.code)) throw kernelError(error, 'the tracker');
      logger.warn({ err: error, ...of }, `the tracker does not take ${what} of a resource; it is not told again`);
      return undefined;
    }
  }

  async function tellOf(id: string, what: string, of: object, act: (api: Berth['allocations']) => Promise<unknown>) {
    if (id !== '') await tell(what, of, act);
  }

  return {
    async registerIntent({ number, name, pool, lab, timeoutMs }) {
      const allocation = {
        ...{ kind: KIND, owner, application: 'berth', module: 'pool', externalId: name },
        labels: { pool, lab },
        attributes: { provider: providerOf(pool), number: String(number) },
      } satisfies Partial<Allocation>;
      const timeout = toDuration(Math.min(Math.max(timeoutMs, 1), LONGEST_TIMEOUT_MS));
      const requestId = requestIdOf(number, name, 'intent');
      const answer = await tell('the intent', { number, name }, (api) =>
        api.registerIntent({ allocation, timeout, requestId }, CALL),
      );
      if (answer?.allocation !== undefined) return answer.allocation.id;
      // Registered before, perhaps with another timeout.
      const filter = { kinds: [KIND], externalId: name };
      const known = await tell('a question', { number, name }, (api) => api.listAllocations({ filter }, CALL));
      return known?.allocations[0]?.id ?? '';
    },

    confirm: (id, number, name, timeMs) =>
      tellOf(id, 'the success', { number, name }, (api) =>
        api.confirmAllocation({ id, allocateTime: new Date(timeMs), requestId: requestIdOf(number, id, 'up') }, CALL),
      ),

    fail: (id, number, reason) =>
      tellOf(id, 'the failure', { number }, (api) =>
        api.failAllocation({ id, reason: reasonOf(reason), requestId: requestIdOf(number, id, 'failed') }, CALL),
      ),

    release: (id, number, reason, timeMs) =>
      tellOf(id, 'the end', { number }, (api) => {
        const requestId = requestIdOf(number, id, 'released');
        return api.confirmRelease({ id, reason: reasonOf(reason), endTime: new Date(timeMs), requestId }, CALL);
      }),

    failRelease: (id, number, times, reason) =>
      tellOf(id, 'the failed deletion', { number }, (api) => {
        const requestId = requestIdOf(number, id, `undeleted-${times}`);
        return api.failRelease({ id, reason: reasonOf(reason), requestId }, CALL);
      }),

    async reportSeen(pool, names) {
      if (names.length > MOST_SEEN) {
        logger.warn({ pool, names: names.length }, 'a list has more names than the tracker takes; it is not reported');
        return;
      }
      await tell('the list', { pool }, (api) =>
        api.reportSeen({ kind: KIND, provider: providerOf(pool), externalIds: [...names] }, CALL),
      );
    },
  };
}

function providerOf(pool: string): string {
  return `pool/${pool}`;
}

/** The same for the same thing told again. The number alone may come again when the store of documents is lost. */
function requestIdOf(number: number, name: string, what: string): string {
  return `pool-${number}-${hash('sha256', name, 'base64url').slice(0, 16)}-${what}`;
}

/** A reason that may not be empty. */
function reasonOf(text: string): string {
  return text.slice(0, LONGEST_REASON).trim() || 'not known';
}
