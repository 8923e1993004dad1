import type { RedisServer } from '@berth/testkit';
import { startRedisServer } from '@berth/testkit';
import type { BenchContext } from '../suite.js';
import { pinProcess } from './child-process.js';

/** Starts a Redis on the store's core, set up as docs/cluster.md says: appendonly yes, appendfsync everysec. */
export async function startRedis({ cores }: BenchContext): Promise<RedisServer> {
  const redis = await startRedisServer({ args: ['--appendfsync', 'everysec'] });
  pinProcess(redis.pid, cores.store);
  return redis;
}
