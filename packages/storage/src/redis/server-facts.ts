import { BerthError } from '@berth/kernel';
import type { RedisConnection } from './redis-connection.js';
import { redisFailure } from './redis-failure.js';

/** Where warnings go; pino's logger is one. */
export interface StoreLog {
  warn(facts: object, message: string): void;
}

function factsOf(info: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) facts.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return facts;
}

function supported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 2);
}

/**
 * Throws STORE_UNAVAILABLE for a server that does not serve yet, and INVALID_CONFIG for one that may throw keys away to free memory, since it would drop locks of held benches, or
 * that is older than 6.2. Warns of one that does not write to disk as it goes.
 */
export async function checkServer(connection: RedisConnection, log: StoreLog | undefined): Promise<void> {
  const { address } = connection;
  const facts = factsOf(await connection.ask((redis) => redis.info()));
  // It answers this much while it loads.
  if (facts.get('loading') === '1') throw redisFailure(new Error('LOADING it is loading its data'), address);
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    throw new BerthError(
      'INVALID_CONFIG',
      `Redis at ${address} has maxmemory-policy ${policy}: it may drop the locks of held benches when memory runs short; ` +
        'run "CONFIG SET maxmemory-policy noeviction" and put it into redis.conf, or use another server',
      { metadata: { store: address, 'maxmemory-policy': policy } },
    );
  }
  const version = facts.get('redis_version') ?? '';
  if (!supported(version)) {
    throw new BerthError('INVALID_CONFIG', `Redis at ${address} is ${version}; Berth needs 6.2 or later: update it`, {
      metadata: { store: address, version },
    });
  }
  if (facts.get('aof_enabled') !== '1') {
    log?.warn(
      { store: address },
      `Redis at ${address} has appendonly off: leases may be lost when it ends; run "CONFIG SET appendonly yes" and put it into redis.conf`,
    );
  }
}
