import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import { TicketState } from '@berth/proto/berth/pool/v1/ticket';
import { seededRandom, startBerthd, until } from '@berth/testkit';
import type { Berthd } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { PoolLab } from '../driver/pool-lab.js';
import { unlessAway } from '../driver/until-answered.js';

const FAILPOINTS = [
  'pool.rowWritten',
  'pool.beforeSpawn',
  'pool.spawned',
  'pool.beforeUp',
  'pool.up',
  'pool.beforeDelete',
  'pool.deleted',
] as const;
const ROUNDS = Number(process.env['BERTH_RUNS'] ?? 2);
const MAX = 4;
const OPTIONS = '  max_starting: 3\n  max_prealloc: 2\n  tags: [thing]\n  retry: { initial: 1s, max: 2s }';

/** Opens and closes tickets until the process is gone. What a busy machine does not answer in time is asked again. */
async function work(berthd: Berthd, open: number[]): Promise<void> {
  await using berth = connect({ address: berthd.address, user: 'ann', timeoutMs: 3000 });
  const isRunning = () => berthd.running;
  let isListed = false;
  while (isRunning()) {
    try {
      // Those whose numbers got lost on the way hold resources all the same.
      if (!isListed) {
        const { tickets } = await berth.pools.listTickets({});
        open.push(...tickets.map(({ number }) => number).filter((number) => !open.includes(number)));
        isListed = true;
      }
      while (open.length < 3) {
        const { ticket } = await berth.pools.createTicket({ tags: ['thing'] });
        if (ticket !== undefined) open.push(ticket.number);
      }
      const [first = 0] = open;
      if ((await berth.pools.getTicket({ number: first })).ticket?.ready !== true) continue;
      await berth.pools.closeTicket({ number: first });
      open.shift();
    } catch (error) {
      if (isRunning()) unlessAway(error);
      isListed = false;
    }
  }
}

/** After the last start: every ticket is served, nothing is left over, and nothing was wrong. */
async function check(t: ExecutionContext, berthd: Berthd, lab: PoolLab, open: readonly number[]): Promise<void> {
  await using berth = connect({ address: berthd.address, user: 'ann', role: 'operator' });
  // Also those whose numbers got lost on the way. One that is not there was closed, and the answer got lost.
  const { tickets } = await berth.pools.listTickets({});
  for (const number of open) t.not((await berth.pools.getTicket({ number })).ticket?.state, TicketState.FAILED);
  for (const { number } of tickets) {
    const isReady = async () => (await berth.pools.getTicket({ number })).ticket?.ready;
    await until(isReady, { what: `ticket ${String(number)}`, timeoutMs: 120_000 });
    await berth.pools.closeTicket({ number });
  }
  await until(() => isAtRest(berth, lab), { what: 'the pool to come to rest', timeoutMs: 60_000 }).catch(async () => {
    const { resources } = await berth.pools.listResources({});
    const told = resources.map(({ data: _, ...one }) => one);
    t.fail(JSON.stringify({ told, things: lab.things, processes: lab.processes() }, undefined, 2));
  });
  t.is(lab.faults, '');
  const keys = lab.runs.filter(({ hook }) => hook === 'new').map(({ key }) => key);
  t.is(new Set(keys).size, keys.length, 'no resource was made twice');
}

/** Whether what is there are free resources, at least as many as are made ahead, and no process. */
async function isAtRest(berth: Berth, lab: PoolLab): Promise<boolean> {
  const { resources } = await berth.pools.listResources({});
  const names = resources.filter(({ upTime, leaseId }) => upTime && leaseId === '').map(({ name }) => name);
  const isSame = names.toSorted().join() === [...lab.things].sort().join();
  return names.length >= 2 && names.length === resources.length && isSame && lab.processes().length === 0;
}

for (const failpoint of FAILPOINTS) {
  test(`kill -9 at ${failpoint} loses and doubles nothing`, async (t) => {
    const random = seededRandom();
    t.log(`BERTH_SEED=${String(random.seed)}`);
    t.timeout(240_000 + ROUNDS * 60_000);
    const lab = new PoolLab(t, { max: MAX, options: OPTIONS });
    const berthd = await startBerthd({ settings: { pool: { file: lab.file } } });
    t.teardown(() => berthd.stop());
    const open: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await berthd.kill('SIGKILL');
      await berthd.start({ BERTH_FAILPOINT: `${failpoint}:exit@${String(1 + random.int(4))}` });
      await work(berthd, open);
      t.is(await berthd.ended(), 'SIGKILL');
    }
    await berthd.start();
    await check(t, berthd, lab, open);
  });
}

test('kill -9 while ten resources are being made leaves nothing of them', async (t) => {
  t.timeout(300_000);
  const options = '  max_starting: 10\n  max_prealloc: 2\n  tags: [thing]\n  retry: { initial: 1s, max: 2s }';
  const lab = new PoolLab(t, { max: 12, options, newTakes: 1 });
  const berthd = await startBerthd({ settings: { pool: { file: lab.file } } });
  t.teardown(() => berthd.stop());
  const open: number[] = [];
  await using berth = connect({ address: berthd.address, user: 'ann' });
  for (let i = 0; i < 10; i += 1) open.push((await berth.pools.createTicket({ tags: ['thing'] })).ticket?.number ?? 0);
  await until(() => lab.things.length >= 10, { what: 'ten commands to run' });
  await berthd.kill('SIGKILL');
  await berthd.start();
  await check(t, berthd, lab, open);
});
