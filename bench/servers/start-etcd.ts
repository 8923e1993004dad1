import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, freePort, until } from '@berth/testkit';
import type { BenchContext } from '../suite.js';
import { endChild, processorSeconds, startChild } from './child-process.js';

export interface Etcd {
  readonly address: string;
  processorSeconds(): number;
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
  await until(() => isHealthy(client), { what: `etcd at ${address} to be healthy`, timeoutMs: 20_000 });
  const pid = child.pid ?? 0;
  return {
    address,
    processorSeconds: () => processorSeconds(pid),
    stop: async () => {
      await endChild(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Whether etcd has a leader. */
async function isHealthy(client: string): Promise<boolean> {
  const answer = await fetch(`${client}/health`).catch(() => undefined);
  return answer?.ok === true;
}
