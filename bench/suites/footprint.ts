import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from '../load/load-process.js';
import { atMost, plainRow } from '../report/row.js';
import { benchName, kindName } from '../servers/inventory.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { BenchContext, Suite } from '../suite.js';
import { releaseAll } from './release-all.js';

const WAITING = 10_000;
const CONNECTIONS = 4;
/** For the memory of a process to come to rest. */
const REST_MS = 2000;

/** How soon the embedded berthd serves, and what it needs. */
export const footprint: Suite = {
  name: 'footprint',
  title: 'Start and memory, embedded, every role',
  run: async (context) => {
    const starts: { startMs: number; idleMib: number; streamKib: number }[] = [];
    for (let i = 0; i < context.repeats; i++) starts.push(await once(context));
    const of = (pick: (one: (typeof starts)[number]) => number): number[] => starts.map(pick);
    const waiting = (WAITING * context.scale).toLocaleString('en');
    return [
      plainRow(
        { name: 'start of the process to SERVING', unit: 'ms', target: atMost(500) },
        of(({ startMs }) => startMs),
      ),
      plainRow(
        { name: 'resident memory, idle', unit: 'MiB', target: atMost(120) },
        of(({ idleMib }) => idleMib),
      ),
      plainRow(
        {
          name: `per stream, ${waiting} waiting`,
          unit: 'KiB',
          target: atMost(20),
          note: 'over the idle process, garbage included',
        },
        of(({ streamKib }) => streamKib),
      ),
    ];
  },
};

function once(context: BenchContext): Promise<{ startMs: number; idleMib: number; streamKib: number }> {
  return releaseAll(async (use) => {
    const server = await use(startBerthd(context, { inventory: { count: 10, kinds: 1 }, roles: ['lease', 'tracker'] }));
    await sleep(REST_MS);
    const idle = server.residentKib();
    const [load] = startLoad(context, context.cores.load.slice(0, 1));
    if (load === undefined) throw new Error('no load process');
    await use(load);
    const streaming = WAITING * context.scale;
    await load.run('joinCrowd', {
      address: server.address,
      kind: kindName(0),
      held: Array.from({ length: 10 }, (_, i) => benchName(i)),
      detached: 0,
      streaming,
      connections: CONNECTIONS,
    });
    await sleep(REST_MS);
    const streamKib = (server.residentKib() - idle) / streaming;
    return { startMs: server.startMs, idleMib: idle / 1024, streamKib };
  });
}
