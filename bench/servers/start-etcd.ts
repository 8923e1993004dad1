import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, freePort } from '@berth/testkit';
import type { BenchContext } from '../suite.js';
import { endChild, startChild } from './child-process.js';
import { EtcdLocks } from '../load/etcd-locks.js';

export interface Etcd {
  readonly address: string;
  stop(): Promise<void>;
}

/** One etcd node with its defaults (each write is synced to the disk), beside berthd's data. */
export async function startEtcd(context: BenchContext, cores: readonly number[]): Promise<Etcd> {
  const dir = mkdtempSync(join(context.dataRoot, 'etcd-'));
  const address = `127.0.0.1:${String(await freePort())}`;
  const client = `http://${address}`;
  const peer = `http://127.0.0.1:${String(await freePort())}`;
  const child = startChild(
    [
      ...[findProgram('etcd') ?? 'etcd', '--data-dir', dir, '--logger', 'zap', '--log-level', 'error'],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
    ],
    { cores },
  );
  await answers(address);
  return {
    address,
    stop: async () => {
      await endChild(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Resolves when etcd has a leader and grants leases. */
async function answers(address: string): Promise<void> {
  const end = performance.now() + 20_000;
  for (;;) {
    const locks = new EtcdLocks(address, 1);
    try {
      await locks.grantLease(60);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    } finally {
      locks.close();
    }
  }
}
