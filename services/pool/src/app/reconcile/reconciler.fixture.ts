// The reconciler on a real store, with a simulated lab, commands that are made up, and a clock that stands still.
import { Changes } from '@berth/documents';
import type { CollectionStore } from '@berth/storage';
import { inProcessLocks, openSqliteCollectionStore } from '@berth/storage';
import type { FakeClock } from '@berth/testkit';
import { fakeClock } from '@berth/testkit';
import { turn } from '@berth/testkit/seeded';
import type { ExecutionContext } from 'ava';
import { SimulatedLab } from '../../../simulation/simulated-lab.js';
import { simulatedLabClient } from '../../../simulation/simulated-lab-client.js';
import type { PoolOptions } from '../../domain/options/options.js';
import { DEFAULT_OPTIONS } from '../../domain/options/options.js';
import type { Resource } from '../../domain/resource.js';
import type { CommandLine, CommandResult, CommandRunner } from '../../ports/command-runner.js';
import { openInForce } from '../../store/open-in-force.js';
import { openLogs } from '../../store/open-logs.js';
import { openPools } from '../../store/open-pools.js';
import { openSweeps } from '../../store/open-sweeps.js';
import { PoolsInForce } from '../pools-in-force.js';
import { RunLogs } from '../run-logs.js';
import { createReconciler } from './reconciler.js';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NOTHING = { head: Buffer.alloc(0), leftOutBytes: 0, tail: Buffer.alloc(0) };

/** What a command does: its exit code, or that it hangs until its time is over. */
export type Behaviour = (command: CommandLine) => number | 'hangs';

export interface Stage {
  readonly clock: FakeClock;
  readonly lab: SimulatedLab;
  readonly store: CollectionStore;
  /** Told after what others do to the lab. */
  readonly changed: () => void;
  readonly resources: () => Promise<readonly Resource[]>;
  /** What was warned of. */
  readonly warnings: readonly string[];
  /** Whether the store works, as it was told last. */
  readonly works: () => boolean | undefined;
  /** Lets time pass, second by second, and everything happen. */
  readonly pass: (ms: number) => Promise<void>;
}

export async function openStage(t: ExecutionContext, options: Partial<PoolOptions>, behave: Behaviour): Promise<Stage> {
  const clock = fakeClock();
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  const collections = await openPools(store);
  const { pools, resources } = collections;
  const inForce = new PoolsInForce({
    inForce: await openInForce(store),
    pools,
    clock,
    logger: SILENT,
    requestIdTtlMs: 86_400_000,
  });
  await inForce.start();
  const pool = { ...DEFAULT_OPTIONS, name: 'p', commands: { new: 'new', delete: 'delete' }, ...options };
  await inForce.apply([pool], 'test', { id: '', fingerprint: '' });
  const lab = new SimulatedLab({ granted: () => undefined, ended: () => undefined });
  const { client, changed } = simulatedLabClient(lab);
  const logs = new RunLogs(await openLogs(store), clock, SILENT);
  const runner = runnerOf(clock, behave);
  const warnings: string[] = [];
  const logger = { ...SILENT, warn: (_: object, what: string) => void warnings.push(what) };
  const sweep = { runner, logs, logger: SILENT, clock, resources, sweeps: await openSweeps(store) };
  const locks = inProcessLocks();
  let works: boolean | undefined;
  const context = {
    ...{ collections, inForce, lab: client, sweep, clock, locks, runner, logs, logger },
    ...{ failpoint: () => undefined, changes: new Changes(resources, clock), keepMs: 1e9, requestIdTtlMs: 1e9 },
  };
  const storeWorks = (now: boolean): void => {
    works = now;
  };
  const says = { storeWorks, locksWork: () => undefined };
  const reconciler = createReconciler(() => context, { clock, locks }, says);
  reconciler.start();
  t.teardown(async () => {
    const stopped = reconciler.stop();
    await turn();
    clock.advance(60_000);
    await stopped;
    await inForce.stop();
    await logs.settle();
    await locks.close();
    await store.close();
  });
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 30; turns += 1) await turn();
  };
  await settle();
  return {
    clock,
    lab,
    store,
    changed,
    resources: async () => (await resources.find({ limit: 1000 })).documents.map(({ value }) => value),
    warnings,
    works: () => works,
    pass: async (ms) => {
      for (let passed = 0; passed < ms; passed += 1000) {
        clock.advance(Math.min(1000, ms - passed));
        await settle();
      }
    },
  };
}

function runnerOf(clock: FakeClock, behave: Behaviour): CommandRunner {
  return {
    host: 'here',
    kill: () => Promise.resolve(),
    run: async (command): Promise<CommandResult> => {
      const outputs = { stdout: NOTHING, stderr: NOTHING };
      await command.started({ pid: 1, startTime: 's' });
      const code = behave(command);
      if (code === 0) return { code, stopped: undefined, fault: undefined, ...outputs };
      if (code !== 'hangs') return { code, stopped: undefined, fault: `ended with code ${code}`, ...outputs };
      const stopped = await new Promise<'timeout' | 'aborted'>((resolve) => {
        clock.after(command.timeoutMs, () => {
          resolve('timeout');
        });
        command.signal.addEventListener('abort', () => {
          resolve('aborted');
        });
      });
      return { code: 143, stopped, fault: 'was ended by SIGTERM', ...outputs };
    },
  };
}
