import { startLoad } from '../load/load-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import { startCeiling } from '../servers/start-ceiling.js';
import type { Suite } from '../suite.js';
import { CYCLE_INVENTORY, cycleRows } from './cycle-rows.js';
import { releaseAll } from './release-all.js';

/** Lease cycles on the embedded store, every one durable. */
export const cycles: Suite = {
  name: 'cycles',
  title: 'Lease cycles, embedded (SQLite, on the disk), against handlers that do nothing',
  run: (context) =>
    releaseAll(async (use) => {
      const subject = await use(startBerthd(context, { inventory: CYCLE_INVENTORY }));
      const ceiling = await use(startCeiling(context, subject));
      const load = startLoad(context);
      for (const process of load) await use(process);
      const servers = { ceiling, subject, load };
      return [
        ...(await cycleRows(context, servers, 'connection', 1.45)),
        ...(await cycleRows(context, servers, 'ttl', 1.45)),
      ];
    }),
};
