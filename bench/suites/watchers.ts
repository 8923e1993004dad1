import type { ChangeJob } from '../load/watchers.js';
import { LeaseCalls } from '../load/lease-calls.js';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import { atLeast, ratioRow } from '../report/row.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import { startCeiling } from '../servers/start-ceiling.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const WATCHERS = 10_000;
const CONNECTIONS = 2;
const CHANGES_A_TURN = 5;

/** One change told to many watchers, from asking for it until the last one has it. */
export const watchers: Suite = {
  name: 'watchers',
  title: 'Watchers: one change to all of them, against writing the same bytes to as many streams',
  run: (context) =>
    releaseAll(async (use) => {
      const subject = await use(startBerthd(context, { inventory: { count: 10, kinds: 1 } }));
      const ceiling = await use(startCeiling(context, subject));
      const load = startLoad(context);
      for (const process of load) await use(process);
      const streams = Math.floor((WATCHERS * context.scale) / load.length);
      await gather(load, ceiling, streams, 0);
      await gather(load, subject, streams, await revisionBeforeChange(subject));
      const told = (server: ServerProcess, what: ChangeJob['what']) => () =>
        perSecond(context, load, server, what, streams);
      const pairs = await inTurns(context.repeats, told(ceiling, 'broadcast'), told(subject, 'condition'));
      const name = `one change to ${(streams * load.length).toLocaleString('en')} watchers`;
      return [ratioRow({ name, unit: 'messages/s', target: atLeast(0.8) }, pairs)];
    }),
};

async function gather(
  load: readonly LoadProcess[],
  server: ServerProcess,
  streams: number,
  fromRevision: number,
): Promise<void> {
  const job = { address: server.address, streams, connections: CONNECTIONS, fromRevision };
  await Promise.all(load.map((process) => process.run('openWatchers', job)));
}

/** A revision after which there is exactly one change. */
async function revisionBeforeChange({ address }: ServerProcess): Promise<number> {
  const calls = new LeaseCalls(address, 1);
  try {
    const { revision } = await calls.listLeases();
    await calls.changeCondition(0);
    return revision;
  } finally {
    calls.close();
  }
}

let turn = 0;

/** How many messages a second reached the watchers, all changes of a turn together. */
async function perSecond(
  _context: BenchContext,
  load: readonly LoadProcess[],
  { address }: ServerProcess,
  what: ChangeJob['what'],
  streams: number,
): Promise<number> {
  let ms = 0;
  for (let i = 0; i < CHANGES_A_TURN; i++) {
    const all = Promise.all(load.map((process) => process.run('awaitWatchers', address)));
    const asked = load[0]?.run('makeChange', { address, what, turn: ++turn });
    ms += Math.max(...(await all)) - ((await asked) ?? 0);
  }
  return (CHANGES_A_TURN * streams * load.length * 1000) / ms;
}
