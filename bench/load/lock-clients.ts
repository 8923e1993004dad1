import { EtcdLocks } from './etcd-locks.js';
import { LeaseCalls } from './lease-calls.js';

export type LockServer = 'berth' | 'etcd';

/** One client that locks names: gives what unlocks. */
export type LockClient = (name: string) => Promise<() => Promise<void>>;

const TTL_SECONDS = 600;

/** Clients of one server, each on a connection of its own; both kinds hold by a TTL, and lock and unlock by one call each. */
export async function lockClients(
  server: LockServer,
  address: string,
  count: number,
): Promise<{ readonly clients: readonly LockClient[]; readonly close: () => void }> {
  const opened: { close(): void }[] = [];
  const close = (): void => {
    for (const calls of opened) calls.close();
  };
  const clients: LockClient[] = [];
  for (let i = 0; i < count; i++) {
    if (server === 'berth') {
      const calls = new LeaseCalls(address, 1);
      opened.push(calls);
      clients.push(async (bench) => {
        const { id } = await calls.lease({ bench, ttlSeconds: TTL_SECONDS });
        return async () => {
          await calls.release(id);
        };
      });
    } else {
      const locks = new EtcdLocks(address, 1);
      opened.push(locks);
      // Requests of one etcd lease are one client: each needs its own.
      const lease = await locks.grantLease(TTL_SECONDS);
      clients.push(async (name) => {
        const key = await locks.lock(name, lease);
        return () => locks.unlock(key);
      });
    }
  }
  return { clients, close };
}
