import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth, Ticket } from '@berth/client';
import { connect, TicketState } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { closedAfter, startBerthd, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { unlessAway, untilAnswered } from '../driver/until-answered.js';

interface Scene {
  readonly berthd: Berthd;
  readonly ann: Berth;
  readonly operator: Berth;
  /** Lets `cmd_new` end. */
  readonly openGate: () => void;
}

/** A berthd with one pool, whose `cmd_new` ends only when the gate is open, and prints a number of its own. */
async function start(t: ExecutionContext, options: string): Promise<Scene> {
  const folder = tempFolder(t);
  const gate = join(folder, 'gate');
  const file = join(folder, 'pools.yaml');
  const commands = [
    `cmd_new: while [ ! -e ${gate} ]; do sleep 0.05; done; echo "thing $BERTH_ID"`,
    `cmd_delete: echo "$BERTH_ID" >> ${join(folder, 'deleted')}`,
    'max_prealloc: 0\n  retry: { initial: 1s, max: 2s }\n  tags: [thing]',
  ];
  writeFileSync(file, `things:\n  ${commands.join('\n  ')}\n  ${options}\n`);
  const berthd = await startBerthd({ settings: { pool: { file } } });
  t.teardown(() => berthd.stop());
  const client = (user: string, role: string): Berth =>
    closedAfter(t, connect({ address: berthd.address, user, role, timeoutMs: 10_000 }));
  return {
    berthd,
    ann: client('ann', 'user'),
    operator: client('op', 'operator'),
    openGate: () => {
      if (!existsSync(gate)) writeFileSync(gate, '');
    },
  };
}

async function restart({ berthd, operator }: Scene): Promise<void> {
  await berthd.kill('SIGKILL');
  await berthd.start();
  await until(async () => (await operator.pools.listPools({})).pools.length > 0, {
    what: 'the pools',
    timeoutMs: 30_000,
  });
}

async function make({ pools }: Berth): Promise<number> {
  const { ticket } = await pools.createTicket({ tags: ['thing'] });
  return ticket?.number ?? 0;
}

async function ticketOf({ pools }: Berth, number: number): Promise<Ticket> {
  const { ticket } = await pools.getTicket({ number });
  if (ticket === undefined) throw new Error(`there is no ticket ${String(number)}`);
  return ticket;
}

/** Waits as `berth ticket-wait` does, but asks again and again, so that it ends when the server is gone. */
async function readyTicket({ ann, berthd }: Scene, number: number): Promise<Ticket> {
  let ticket: Ticket | undefined;
  const isReady = async (): Promise<boolean> => !berthd.running || (ticket = await ticketOf(ann, number)).ready;
  await until(isReady, { what: `ticket ${String(number)}`, timeoutMs: 60_000 });
  return ticket ?? ticketOf(ann, number);
}

test('a ticket that waits is served after kill -9 with nobody connected, in its place among those that are', async (t) => {
  const scene = await start(t, 'max: 2\n  max_starting: 2');
  const { ann, operator } = scene;
  const first = await make(ann);
  const attended = ann.acquire({ attributes: ['thing'], description: 'attended', priority: 50, reconnectGrace: '1h' });
  await until(async () => (await operator.lease.listQueue({})).waiting === 2, { what: 'the attended request' });
  const last = await make(ann);
  await restart(scene);
  const places = async () => (await operator.lease.listQueue({})).requests.map(({ labels }) => labels['ticket'] ?? '');
  await until(async () => (await places()).length === 3, { what: 'all three to wait', timeoutMs: 30_000 });
  t.deepEqual(await places(), [String(first), '', String(last)]);
  t.is((await ticketOf(ann, first)).state, TicketState.OPEN);
  scene.openGate();
  await until(async () => (await ticketOf(ann, first)).ready, { what: 'the first ticket', timeoutMs: 60_000 });
  const lease = await attended;
  t.false((await ticketOf(ann, last)).ready, 'two are there, and both are taken');
  await lease.release();
  const ready = await readyTicket(scene, last);
  t.regex(ready.data.toString(), /^thing \d+\n$/);

  await restart(scene);
  const kept = await ticketOf(ann, last);
  t.deepEqual([kept.data, kept.leaseId, kept.state], [ready.data, ready.leaseId, TicketState.OPEN]);
  t.is((await operator.lease.getLease({ leaseId: kept.leaseId })).lease?.fencingToken, kept.fencingToken);
  for (const number of [first, last]) await ann.pools.closeTicket({ number });
  await until(async () => (await operator.pools.listResources({})).resources.length === 0, {
    what: 'all resources to be deleted',
    timeoutMs: 60_000,
  });
  t.deepEqual((await operator.lease.listLeases({})).leases, []);
});

for (const failpoint of ['pool.ticketNumbered', 'pool.ticketStored', 'pool.ticketClosed']) {
  test(`killed at ${failpoint}, again and again: each ticket is served or given back, and no number comes twice`, async (t) => {
    const scene = await start(t, 'max: 20\n  max_starting: 5');
    const { berthd, ann, operator } = scene;
    scene.openGate();
    await berthd.kill('SIGKILL');
    const brief = closedAfter(t, connect({ address: berthd.address, user: 'ann', role: 'user', timeoutMs: 2000 }));
    // As a call, since it changes meanwhile.
    const isRunning = (): boolean => berthd.running;
    /** The numbers that somebody was told of, and what they were told that they have. */
    const told = new Map<number, string>();
    const closed = new Set<number>();
    for (let visit = 1; visit <= 3; visit += 1) {
      await berthd.start({ BERTH_FAILPOINT: `${failpoint}:exit@${String(visit)}` });
      while (isRunning()) {
        try {
          const number = await make(brief);
          t.false(told.has(number), `number ${String(number)} twice`);
          told.set(number, '');
          const { resource } = await readyTicket({ ...scene, ann: brief }, number);
          told.set(number, resource);
          closed.add(number);
          await brief.pools.closeTicket({ number });
        } catch (error) {
          if (isRunning()) unlessAway(error);
        }
      }
      t.is(await berthd.ended(), 'SIGKILL');
    }
    await berthd.start();
    await untilAnswered(() => ann.pools.listPools({}));
    await untilAnswered(() => operator.pools.listPools({}));
    const numbers = [...told.keys()];
    t.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    for (const number of numbers) {
      if (closed.has(number)) await ann.pools.closeTicket({ number });
      const end = closed.has(number) ? await ticketOf(ann, number) : await readyTicket(scene, number);
      const before = told.get(number) ?? '';
      if (before !== '') t.is(end.resource, before, 'never another resource');
      t.is(end.state, closed.has(number) ? TicketState.CLOSED : TicketState.OPEN);
      if (!closed.has(number)) await ann.pools.closeTicket({ number });
    }
    // Those that nobody was told of: their callers would ask again by the same request id.
    const { tickets } = await operator.pools.listTickets({});
    for (const { number } of tickets) await operator.pools.closeTicket({ number });
    await until(
      async () =>
        (await operator.lease.listLeases({})).leases.length === 0 && (await operator.lease.listQueue({})).waiting === 0,
      { what: 'everything to be given back', timeoutMs: 60_000 },
    );
    // Some of which nobody was told: an answer of a busy machine may come too late.
    const { OPEN, CLOSED, FAILED } = TicketState;
    const { tickets: all } = await operator.pools.listTickets({ states: [OPEN, CLOSED, FAILED] });
    t.true(all.length >= 3);
  });
}
