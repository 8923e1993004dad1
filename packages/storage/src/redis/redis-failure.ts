import { BerthError } from '@berth/kernel';
import { ReplyError } from 'ioredis';

const RETRY_AFTER_MS = 500;

/** Answers of a server that cannot serve now, with what to do about each. Other error answers are faults of ours. */
const ADVICE: Readonly<Record<string, string>> = {
  OOM: 'it is out of memory: raise maxmemory',
  MISCONF: 'it cannot write its data to disk: check its disk and log',
  READONLY: 'it is a read-only replica: point Berth to the master',
  LOADING: 'it is still loading its data: wait',
  MASTERDOWN: 'its master is down: check replication',
  NOREPLICAS: 'it has too few replicas: check replication',
  CLUSTERDOWN: 'the cluster is down: check its nodes',
  BUSY: 'a script of somebody else keeps it busy: wait, or end that script',
  NOAUTH: 'it wants a password: put it in the URL',
  WRONGPASS: 'it refuses the password in the URL',
  NOPERM: 'its user may not do this: widen its ACL',
};

/** What a call to Redis failed with, as STORE_UNAVAILABLE naming the server and the next step. */
export function redisFailure(error: unknown, address: string): unknown {
  if (!(error instanceof Error) || error instanceof BerthError) return error;
  const known = ADVICE[error.message.split(' ', 1)[0] ?? ''];
  if (known === undefined && error instanceof ReplyError) return error;
  const advice = known ?? 'check that it runs and can be reached';
  return new BerthError(
    'STORE_UNAVAILABLE',
    `Redis at ${address} does not serve (${error.message}); ${advice}, then retry`,
    { retryAfterMs: RETRY_AFTER_MS, metadata: { store: address } },
    { cause: error },
  );
}

/** Why a server that came back may not be used: what would refuse it at a start, as something that may pass. */
export function refusal(error: unknown): unknown {
  if (!(error instanceof BerthError) || error.reason !== 'INVALID_CONFIG') return error;
  const details = { ...error.details, retryAfterMs: RETRY_AFTER_MS };
  return new BerthError('STORE_UNAVAILABLE', `${error.message}; until then nothing is served`, details, {
    cause: error,
  });
}
