import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../suite.js';
import type { BenchInventory } from './inventory.js';
import { writeInventory } from './inventory.js';
import type { ServerProcess } from './server-process.js';
import { startServer } from './server-process.js';

export interface BerthdOptions {
  readonly inventory: BenchInventory;
  /** The Redis server to use; absent = SQLite on the disk. */
  readonly redisUrl?: string;
  /** Default: the server's core. */
  readonly cores?: readonly number[];
}

/** Starts the built berthd on a data directory of its own, which `stop` removes. BENCH_PROFILE=folder keeps a CPU profile. */
export async function startBerthd(context: BenchContext, options: BerthdOptions): Promise<ServerProcess> {
  const dataDir = mkdtempSync(join(context.dataRoot, 'berthd-'));
  const inventory = join(dataDir, 'inventory.yaml');
  writeInventory(inventory, options.inventory);
  const profile = process.env['BENCH_PROFILE'];
  const server = await startServer(
    (listen) => [
      process.execPath,
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      ...[context.programs.berthd, '--listen', listen, '--data-dir', dataDir, '--inventory', inventory],
      ...(options.redisUrl === undefined ? [] : ['--redis', options.redisUrl]),
    ],
    { cores: options.cores ?? context.cores.server, env: () => ({ BERTH_LOG_LEVEL: 'warn' }) },
  );
  return {
    ...server,
    stop: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
