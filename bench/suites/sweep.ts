import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import { atMost, ratioRow } from '../report/row.js';
import { median, quantile } from '../report/statistics.js';
import { benchName } from '../servers/inventory.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const HELD = 100_000;
const ROLES = ['lease', 'tracker'];
/** The next sweep begins so soon after the last one that there is always one; or not before the run is over. */
const ALWAYS = { BERTH_TRACKER_SWEEP_MS: '10' };
const NEVER = { BERTH_TRACKER_SWEEP_MS: '86400000' };
const JOB = { bench: benchName(0), waiting: 10, how: 'release', everyMs: 50 } as const;
const SETTLE_MS = 1000;
/** A turn lasts so many times longer than others: a sweep rests most of its time, and one must end in a turn. */
const TURN = 7.5;

/**
 * How long a hand-off takes while the tracker of the same process sweeps over live leases that are parents of allocations. Two
 * servers have the same data; one of them sweeps, and is stopped while the other one is measured.
 */
export const sweep: Suite = {
  name: 'sweep',
  title:
    'Sweep: hand-offs (Release until the next Granted, one due every 50 ms) while the tracker sweeps, against none',
  run: (context) =>
    releaseAll(async (use) => {
      const held = HELD * context.scale;
      const [load] = startLoad(context, context.cores.load.slice(0, 1));
      if (load === undefined) throw new Error('no load process');
      await use(load);
      const dirs = await heldData(context, load, held);
      await use({ stop: () => removed(dirs) });
      const calm = await use(startBerthd(context, { roles: ROLES, dir: dirs[0], settings: NEVER }));
      const sweeping = await use(startBerthd(context, { roles: ROLES, dir: dirs[1], settings: ALWAYS }));
      for (const server of [calm, sweeping])
        await load.run('handOffs', { ...JOB, handOffs: 0, address: server.address });
      const handOffs = async (server: ServerProcess): Promise<Turn> => {
        const before = server.processorSeconds();
        const started = performance.now();
        const count = Math.round((TURN * 1000 * context.seconds) / JOB.everyMs);
        const latencies = await load.run('handOffs', { ...JOB, handOffs: count, address: server.address });
        return { latencies, busy: (1000 * (server.processorSeconds() - before)) / (performance.now() - started) };
      };
      const without = async (): Promise<Turn> => {
        sweeping.pause();
        try {
          return await handOffs(calm);
        } finally {
          sweeping.resume();
        }
      };
      const within = async (): Promise<Turn> => {
        await sleep(SETTLE_MS);
        const earlier = await load.run('lastSweep', sweeping.address);
        const turn = await handOffs(sweeping);
        // Of the sweep that ran at the beginning, and of the next one.
        const later = await load.run('lastSweep', sweeping.address);
        if (later === earlier) throw new Error('no sweep ended in this turn: it must be longer');
        return turn;
      };
      // The first turn warms both up.
      await without();
      await within();
      const turns = await inTurns(context.repeats, without, within);
      const figures = (of: (turn: Turn) => number) =>
        turns.map(({ ceiling, subject }) => ({ ceiling: of(ceiling), subject: of(subject) }));
      const busy = figures((turn) => 100 * turn.busy);
      const share = (values: readonly number[]): string => `${median(values).toFixed(0)} %`;
      const middles = figures(({ latencies }) => quantile(latencies, 0.5));
      const piledUp = median(middles.map(({ ceiling }) => ceiling)) > JOB.everyMs;
      const name = `${held.toLocaleString('en')} leases with a child each`;
      return [
        ratioRow(
          {
            name: `${name}: p99`,
            unit: 'ms',
            ...(!piledUp && { target: atMost(1.5) }),
            note: `${piledUp ? 'no verdict, as hand-offs piled up without a sweep too; ' : ''}processor of berthd ${share(busy.map(({ ceiling }) => ceiling))} without, ${share(busy.map(({ subject }) => subject))} with sweeps`,
          },
          figures(({ latencies }) => quantile(latencies, 0.99)),
        ),
        ratioRow({ name: '  median', unit: 'ms' }, middles),
      ];
    }),
};

interface Turn {
  readonly latencies: readonly number[];
  /** Share of the time that the server computed. */
  readonly busy: number;
}

/** Two data directories with the same leases and allocations. */
async function heldData(context: BenchContext, load: LoadProcess, count: number): Promise<readonly [string, string]> {
  const first = mkdtempSync(join(context.dataRoot, 'held-'));
  const second = `${first}-too`;
  const inventory = { count: 1, kinds: 1 };
  await releaseAll(async (use) => {
    const server = await use(startBerthd(context, { roles: ROLES, dir: first, inventory, settings: NEVER }));
    await load.run('holdWithChildren', { address: server.address, count });
    await atRest(server);
  });
  cpSync(first, second, { recursive: true });
  return [first, second];
}

/** Resolves when the server computes hardly any more: when the tracker has the history of all leases. */
async function atRest(server: ServerProcess): Promise<void> {
  let before = Number.NEGATIVE_INFINITY;
  while (server.processorSeconds() - before > 0.05) {
    before = server.processorSeconds();
    await sleep(SETTLE_MS);
  }
}

function removed(dirs: readonly string[]): Promise<void> {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  return Promise.resolve();
}
