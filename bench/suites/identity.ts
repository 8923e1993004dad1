import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newToken } from '@berth/server';
import type { CycleKind } from '../load/cycles.js';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atMost, ratioRow } from '../report/row.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { BenchContext, Suite } from '../suite.js';
import { CYCLE_INVENTORY, CYCLE_NAMES, fullLoad } from './cycle-rows.js';
import { inTurns, runOnAll } from './in-turns.js';
import { releaseAll } from './release-all.js';

/** Short turns: what else happens on the machine then meets both alike. */
const SECONDS = 2;
/** The file of tokens has others too. */
const TOKENS = 1000;

/** Lease cycles of a caller that shows a token, against the same ones where every caller is believed. */
export const identity: Suite = {
  name: 'identity',
  title: 'Lease cycles with a token, against a berthd that believes every caller',
  run: (context) =>
    releaseAll(async (use) => {
      const tokens = Array.from({ length: TOKENS }, (_, i) => newToken({ name: `user-${String(i)}`, role: 'user' }));
      const file = join(context.dataRoot, 'tokens.yaml');
      writeFileSync(file, tokens.map(({ line }) => `${line}\n`).join(''), { mode: 0o600 });
      const ceiling = await use(startBerthd(context, { inventory: CYCLE_INVENTORY }));
      const settings = { BERTH_AUTH_TOKENS: file };
      const subject = await use(startBerthd(context, { inventory: CYCLE_INVENTORY, settings }));
      const load = startLoad(context);
      for (const process of load) await use(process);
      const token = tokens[TOKENS - 1]?.token ?? '';
      const rows: Row[] = [];
      for (const how of ['connection', 'ttl'] as const)
        rows.push(await costRow(context, how, { ceiling, subject, load, token }));
      return rows;
    }),
};

interface Servers {
  readonly ceiling: ServerProcess;
  readonly subject: ServerProcess;
  readonly load: readonly LoadProcess[];
  readonly token: string;
}

async function costRow(
  { repeats }: BenchContext,
  how: CycleKind,
  { ceiling, subject, load, token }: Servers,
): Promise<Row> {
  const job = fullLoad(how, SECONDS);
  const believed = () => runOnAll(load, ceiling, job);
  const shown = () => runOnAll(load, subject, { ...job, token });
  for (const warmUp of [believed, shown]) await warmUp();
  const turns = await inTurns(repeats, believed, shown);
  return ratioRow(
    { name: CYCLE_NAMES[how], unit: 'µs/cycle', target: atMost(1.03), note: 'processor time of the server' },
    turns.map((pair) => ({ ceiling: pair.ceiling.microsPerCycle, subject: pair.subject.microsPerCycle })),
  );
}
