import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../suite.js';
import type { BenchInventory } from './inventory.js';
import { writeInventory } from './inventory.js';
import type { ServerProcess } from './server-process.js';
import { startServer } from './server-process.js';

export interface BerthdOptions {
  /** Benches for the role lease. */
  readonly inventory?: BenchInventory;
  /** Default: lease alone, which is what most rows are about. */
  readonly roles?: readonly string[];
  /** Its data directory; absent = a new one, which `stop` removes. */
  readonly dir?: string;
  /** Where documents are; absent = SQLite in the data directory. */
  readonly mongo?: { readonly url: string; readonly database: string };
  /** The Redis server to use; absent = SQLite on the disk. */
  readonly redisUrl?: string;
  /** Default: the one of this checkout. */
  readonly program?: string;
  /** Further settings, as environment variables. */
  readonly settings?: NodeJS.ProcessEnv;
  /** Default: the server's core. */
  readonly cores?: readonly number[];
}

/** Starts the built berthd. BENCH_PROFILE=folder keeps a CPU profile of each one there, written when it ends. */
export async function startBerthd(context: BenchContext, options: BerthdOptions): Promise<ServerProcess> {
  const { mongo, roles = ['lease'] } = options;
  const dataDir = options.dir ?? mkdtempSync(join(context.dataRoot, 'berthd-'));
  const inventory = join(dataDir, 'inventory.yaml');
  if (options.inventory !== undefined) writeInventory(inventory, options.inventory);
  const profile = process.env['BENCH_PROFILE'];
  const server = await startServer(
    (listen) => [
      process.execPath,
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      ...[options.program ?? context.programs.berthd, '--listen', listen, '--data-dir', dataDir],
      ...roles.flatMap((role) => ['--role', role]),
      ...(options.inventory === undefined ? [] : ['--inventory', inventory]),
      ...(mongo === undefined ? [] : ['--mongo', mongo.url]),
      ...(options.redisUrl === undefined ? [] : ['--redis', options.redisUrl]),
    ],
    {
      cores: options.cores ?? context.cores.server,
      env: () => ({
        BERTH_LOG_LEVEL: 'warn',
        ...(mongo && { BERTH_MONGO_DATABASE: mongo.database }),
        ...options.settings,
      }),
    },
  );
  return {
    ...server,
    stop: async () => {
      await server.stop();
      if (options.dir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
