import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { ExecutionError, ResourceLockedError } from 'redlock';
import { within } from './within.js';

const RETRY_AFTER_MS = 1_000;

/** The failure of locks of which no majority of servers told anything. */
export function noMajority(servers: number, why: string): BerthError {
  const who =
    servers === 1
      ? 'the Redis server for locks does not answer'
      : `no majority of the ${String(servers)} Redis servers for locks answers`;
  return new BerthError(
    'STORE_UNAVAILABLE',
    `${who} (${why}), so it cannot be told who holds a lock; check that they run and can be reached, then retry`,
    { retryAfterMs: RETRY_AFTER_MS },
  );
}

/**
 * Why a lock that was not given may be free all the same: STORE_UNAVAILABLE when less than a majority of the servers
 * answered. Undefined when a majority answered: then some of them say that another has it.
 */
export async function unanswered(
  error: unknown,
  servers: number,
  clock: Clock,
  withinMs: number,
): Promise<BerthError | undefined> {
  if (!(error instanceof ExecutionError)) return noMajority(servers, String(error));
  const stats = await within(error.attempts.at(-1) ?? Promise.resolve(undefined), clock, withinMs);
  const silent = [...(stats?.votesAgainst.values() ?? [])].filter((vote) => !(vote instanceof ResourceLockedError));
  if (stats !== undefined && servers - silent.length >= stats.quorumSize) return undefined;
  return noMajority(servers, [...new Set(silent.map(({ message }) => message))].join('; ') || 'they answered too late');
}
