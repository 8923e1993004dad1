import { freePort } from '@berth/testkit';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atMost, ratioRow } from '../report/row.js';
import { quantile } from '../report/statistics.js';
import { benchName } from '../servers/inventory.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { Suite } from '../suite.js';
import { releaseAll } from './release-all.js';

const INVENTORY = { count: 10, kinds: 1 };
const WAITING = 10;
const QUANTILES = [
  ['p99', 0.99, atMost(3)],
  ['median', 0.5, undefined],
] as const;

/** How long it takes over HTTP until the next lock holds, as against a read that takes the same way. */
export const httpLocks: Suite = {
  name: 'http-locks',
  title: 'Locks over HTTP: from hanging up until the next one reads that it holds',
  run: (context) =>
    releaseAll(async (use) => {
      const listen = `127.0.0.1:${String(await freePort())}`;
      const settings = { BERTH_HTTP_LISTEN: listen };
      await use(startBerthd(context, { inventory: INVENTORY, roles: [], settings }));
      const [load, ...others] = startLoad(context);
      if (load === undefined) throw new Error('no load process');
      for (const process of [load, ...others]) await use(process);
      const url = `http://${listen}`;
      const handOffs = Math.round(1000 * Math.max(context.scale, 0.3));
      const turns: { readonly echo: readonly number[]; readonly locks: readonly number[] }[] = [];
      // The first turn warms up.
      for (let i = 0; i <= context.repeats; i++) {
        const path = `/v1/benches/${benchName(1)}`;
        const echo = await load.run('httpEcho', { url, path, calls: 2 * handOffs });
        const locks = await load.run('httpLocks', { url, bench: benchName(0), waiting: WAITING, handOffs });
        if (i > 0) turns.push({ echo, locks });
      }
      return QUANTILES.map(([name, q, target]): Row =>
        ratioRow(
          {
            name: `hang up, ${String(WAITING)} waiting: ${name}`,
            unit: 'ms',
            ...(target && { target }),
            note: `ceiling: ${name} of a read over HTTP/JSON`,
          },
          turns.map(({ echo, locks }) => ({ ceiling: quantile(echo, q), subject: quantile(locks, q) })),
        ),
      );
    }),
};
