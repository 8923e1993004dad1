import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth, BerthError } from '@berth/client';
import { connect } from '@berth/client';
import { closedAfter, startBerthd, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

/** Serves pools, each with its options besides the commands; `cmd_new` ends once the gate is open. */
async function start(t: ExecutionContext, pools: Readonly<Record<string, string>>) {
  const folder = tempFolder(t);
  const [file, gate] = [join(folder, 'pools.yaml'), join(folder, 'gate')];
  const make = `cmd_new: while [ ! -e ${gate} ]; do sleep 0.05; done; echo $BERTH_NAME`;
  const commands = `${make}\n  cmd_delete: "true"\n  max_prealloc: 0`;
  const entries = Object.entries(pools).map(([name, options]) => `${name}:\n  ${commands}\n  ${options}\n`);
  writeFileSync(file, entries.join(''));
  const berthd = await startBerthd({ settings: { pool: { file } } });
  t.teardown(() => berthd.stop());
  const { address } = berthd;
  const client = (user: string, role: string): Berth =>
    closedAfter(t, connect({ address, user, role, timeoutMs: 60_000 }));
  const [ann, operator] = [client('ann', 'user'), client('op', 'operator')];
  const names = Object.keys(pools).length;
  await until(async () => (await offersIn(operator)) === names, { what: 'the offers' });
  /** How many starts each pool has begun. */
  const starts = async (): Promise<Readonly<Record<string, number>>> => {
    const { pools: found } = await operator.pools.listPools({});
    return Object.fromEntries(found.map(({ name, starts: its }) => [name, its]));
  };
  return {
    ann,
    operator,
    starts,
    started: (pool: string, count: number) =>
      until(async () => (await starts())[pool] === count, { what: `${String(count)} starts of ${pool}` }),
    waiting: async (): Promise<number> => (await operator.lease.listQueue({})).waiting,
    openGate: () => {
      writeFileSync(gate, '');
    },
    shutGate: () => {
      rmSync(gate);
    },
  };
}

/** How many offers are in the lab. */
async function offersIn(berth: Berth): Promise<number> {
  let count = 0;
  for await (const { changes, more } of berth.watch()) {
    count += changes.filter(({ kind }) => kind?.$case === 'offerPut').length;
    if (!more) break;
  }
  return count;
}

test('each lacking bench starts one, in the pool of the highest priority, then by name, then the next with room', async (t) => {
  const { ann, starts, openGate } = await start(t, {
    a_low: 'max: 2\n  tags: [vm]',
    c_high: 'max: 1\n  tags: [{ name: vm, priority: 5 }]',
    b_high: 'max: 1\n  tags: [{ name: vm, priority: 5 }]',
    d_other: 'max: 5\n  tags: [{ name: container, priority: 9 }]',
  });
  openGate();
  const one = await ann.acquire({ attributes: ['vm'], hold: 'manual' });
  t.deepEqual(await starts(), { a_low: 0, b_high: 1, c_high: 0, d_other: 0 });
  const two = await ann.acquire({ attributes: ['vm'], count: 2, hold: 'manual' });
  t.deepEqual(await starts(), { a_low: 1, b_high: 1, c_high: 1, d_other: 0 });
  const benches = [...one.benches, ...two.benches];
  t.is(benches.length, 3);
  for (const { name, properties } of benches) t.is(properties['data'], `${name}\n`, 'the data of its own resource');
  const error = await t.throwsAsync<BerthError>(ann.acquire({ attributes: ['vm'], count: 5, hold: 'manual' }));
  t.is(error.reason, 'NO_SUCH_BENCH');
});

test('a request that leaves starts nothing more', async (t) => {
  const pools = await start(t, {
    marker: 'max: 1\n  tags: [marker]',
    slow: 'max: 5\n  max_starting: 1\n  tags: [vm]',
  });
  const { ann, operator, started, openGate } = pools;
  const left = new AbortController();
  const leaving = ann.acquire({ attributes: ['vm'], count: 3, hold: 'manual', signal: left.signal });
  await started('slow', 1);
  left.abort(new Error('enough'));
  await t.throwsAsync(leaving, { message: 'enough' });
  // A pool that has heard of what comes later has heard of this.
  const marker = ann.acquire({ attributes: ['marker'], hold: 'manual' });
  await started('marker', 1);
  openGate();
  await marker;
  await ann.acquire({ attributes: ['vm'], hold: 'manual' });
  t.deepEqual(await pools.starts(), { marker: 1, slow: 1 });
  t.deepEqual((await operator.lease.listQueue({})).requests, []);
});

test('a tag that is not on demand starts nothing in a pool on demand, but is served by what is free there', async (t) => {
  const pools = await start(t, { special: 'max: 4\n  max_starting: 2\n  tags: [vm]\n  tags_on_demand: [gpu]' });
  const { ann, started, openGate, shutGate } = pools;
  const plain = ann.acquire({ attributes: ['vm'], hold: 'manual' });
  await until(async () => (await pools.waiting()) === 1, { what: 'the plain request' });
  openGate();
  const { ticket } = await ann.pools.createTicket({ tags: ['vm', 'gpu'] });
  t.is(ticket?.priority, 60, 'what is made on demand goes to those who asked for it');
  for await (const news of ann.waitTicket({ number: ticket?.number ?? 0 })) t.truthy(news.ticket);
  t.deepEqual(await pools.starts(), { special: 1 }, 'none for the plain request');
  t.is(await pools.waiting(), 1);

  shutGate();
  const { ticket: second } = await ann.pools.createTicket({ tags: ['gpu'] });
  await started('special', 2);
  await ann.pools.closeTicket({ number: second?.number ?? 0 });
  openGate();
  const lease = await plain;
  t.is(lease.benches.length, 1);
  t.deepEqual(await pools.starts(), { special: 2 });
});

test('a request for several that only a pool on demand could complete keeps nothing from the others', async (t) => {
  const pools = await start(t, {
    plain: 'max: 1\n  tags: [vm]',
    special: 'max: 4\n  tags: [vm]\n  tags_on_demand: [gpu]',
  });
  const { ann, started, openGate, shutGate } = pools;
  openGate();
  const two = ann.acquire({ attributes: ['vm'], count: 2, hold: 'manual' });
  await until(async () => (await pools.waiting()) === 1, { what: 'the request for two' });
  const one = await ann.acquire({ attributes: ['vm'], hold: 'manual' });
  t.deepEqual(await pools.starts(), { plain: 1, special: 0 });
  t.is(await pools.waiting(), 1);

  // Once there is one of the other pool, it waits for the rest as for any other.
  shutGate();
  const { ticket } = await ann.pools.createTicket({ tags: ['gpu'] });
  await started('special', 1);
  await ann.pools.closeTicket({ number: ticket?.number ?? 0 });
  openGate();
  await one.release();
  t.is((await two).benches.length, 2);
  t.deepEqual(await pools.starts(), { plain: 2, special: 1 });
});
