import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@berth/testkit';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atMost, ratioRow } from '../report/row.js';
import { quantile } from '../report/statistics.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { Suite } from '../suite.js';
import { releaseAll } from './release-all.js';

/** One resource, which is passed on without a command in between. */
const POOLS =
  "again: { cmd_new: 'true', cmd_delete: 'true', max: 1, max_prealloc: 0, tags: [again], reuse_opportunity_time: 600, reuse_max_time: 0 }\n";

interface Turn {
  readonly echo: readonly number[];
  readonly direct: readonly number[];
  readonly woken: readonly number[];
}

/** How long it takes over XML-RPC until the next ticket has the resource, as against a read that takes the same way. */
export const xmlRpc: Suite = {
  name: 'xmlrpc',
  title: 'Tickets over XML-RPC: from closing one until the next one reads its output',
  run: (context) =>
    releaseAll(async (use) => {
      const listen = `127.0.0.1:${String(await freePort())}`;
      const file = join(mkdtempSync(join(context.dataRoot, 'pools-')), 'pools.yaml');
      writeFileSync(file, POOLS);
      const settings = { BERTH_HTTP_LISTEN: listen, BERTH_POOL_FILE: file };
      const server = await use(startBerthd(context, { inventory: { count: 1, kinds: 1 }, roles: [], settings }));
      const [load, ...others] = startLoad(context);
      if (load === undefined) throw new Error('no load process');
      for (const process of [load, ...others]) await use(process);
      const url = `http://${listen}`;
      const times = Math.round(500 * Math.max(context.scale, 0.2));
      const job = { tag: 'again', sandbox: 'bench', times };
      const turns: Turn[] = [];
      // The first turn warms up.
      for (let i = 0; i <= context.repeats; i += 1) {
        const echo = await load.run('xmlRpcEcho', { url, calls: 2 * times });
        const direct = await load.run('passOn', { ...job, address: server.address });
        const woken = await load.run('xmlRpcPassOn', { ...job, url });
        if (i > 0) turns.push({ echo, direct, woken });
      }
      return [rowOf(turns, 'echo', 0.99), rowOf(turns, 'direct', 0.99), rowOf(turns, 'direct', 0.5)];
    }),
};

const NOTES = { echo: 'a read over XML-RPC', direct: 'the same over gRPC' } as const;

function rowOf(turns: readonly Turn[], ceiling: keyof typeof NOTES, share: number): Row {
  const name = share === 0.5 ? 'median' : `p${String(100 * share)}`;
  const target = ceiling === 'echo' && { target: atMost(3) };
  return ratioRow(
    { name: `close → next output: ${name}`, unit: 'ms', ...target, note: `ceiling: ${name} of ${NOTES[ceiling]}` },
    turns.map((turn) => ({ ceiling: quantile(turn[ceiling], share), subject: quantile(turn.woken, share) })),
  );
}
