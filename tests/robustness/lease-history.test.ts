import { AllocationState, type Berth, connect, type LeaseHandle } from '@berth/client';
import { type Berthd, closedAfter, startBerthd, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';

const INVENTORY = 'pool: { name: p, resources: { b1: { attributes: [a] }, b2: { attributes: [a] } } }';

function client(t: ExecutionContext, { address }: Berthd, user: string): Berth {
  return closedAfter(t, connect({ address, user, role: 'operator' }));
}

/** Leases as the tracker knows them, the oldest first: `b1 ann RELEASED`. */
async function history(berth: Berth): Promise<string[]> {
  const { allocations } = await berth.allocations.listAllocations({ filter: { kinds: ['lease'] }, pageSize: 1000 });
  return allocations
    .sort((a, b) => Number(a.allocateTime) - Number(b.allocateTime) || a.externalId.localeCompare(b.externalId))
    .map(({ externalId, owner, state }) => `${externalId} ${owner} ${AllocationState[state]}`);
}

test('who had which bench, when and for how long is known after the lease has ended', async (t) => {
  const berthd = await startBerthd({ inventory: INVENTORY });
  t.teardown(() => berthd.stop());
  const ann = client(t, berthd, 'ann');
  const lease = await ann.acquire({ attributes: ['a'], count: 2, description: 'soak test', labels: { job: '17' } });
  const held = ['b1 ann ALLOCATED', 'b2 ann ALLOCATED'].join();
  await until(async () => (await history(ann)).join() === held, { what: 'both benches of the lease' });
  await lease.release();
  await until(async () => (await history(ann)).every((line) => line.endsWith('RELEASED')), { what: 'the end' });
  const { allocations } = await ann.allocations.listAllocations({ filter: { labels: { bench: 'b1' } } });
  const [kept] = allocations;
  t.like(kept, { kind: 'lease', parent: `lease/default/${lease.id}`, owner: 'ann' });
  t.like(kept?.attributes, { bench: 'b1', fencing_token: String(lease.fencingToken), description: 'soak test' });
  t.like(kept?.labels, { job: '17', lab: 'default' });
  t.is(kept?.history.at(-1)?.reason, 'released by ann');
  const { rows } = await ann.allocations.getUsage({ groupBy: ['bench', 'owner'] });
  t.deepEqual(rows.map(({ bench, owner, count }) => `${bench} ${owner} ${String(count)}`).sort(), [
    'b1 ann 1',
    'b2 ann 1',
  ]);
});

test('while the tracker is away leases go on, and afterwards nothing of them is missing, with the times at which it was', async (t) => {
  const tracker = await startBerthd({ settings: { roles: ['tracker'] } });
  t.teardown(() => tracker.stop());
  const settings = { roles: ['lease'], tracker: { address: tracker.address } };
  const leases = await startBerthd({ inventory: INVENTORY, settings });
  t.teardown(() => leases.stop());
  const ann = client(t, leases, 'ann');
  const asked = client(t, tracker, 'op');
  await (await ann.acquire({ bench: 'b1' })).release();
  await until(async () => (await history(asked))[0] === 'b1 ann RELEASED', { what: 'the first lease' });

  await tracker.kill('SIGKILL');
  // By token, as the lease service had them: clocks of two processes need not agree to the millisecond.
  const grantTimes = new Map<string, number>();
  const granted = ({ fencingToken, lease }: LeaseHandle): void => {
    grantTimes.set(String(fencingToken), Number(lease.grantTime));
  };
  for (let i = 0; i < 10; i += 1) {
    const lease = await ann.acquire({ bench: 'b1' });
    granted(lease);
    await lease.release();
  }
  const held = await ann.acquire({ bench: 'b2', hold: 'ttl', ttl: '10m' });
  granted(held);
  // What was not told yet is told by the process that comes after.
  await leases.kill('SIGKILL');
  await leases.start();
  await tracker.start();

  const expected = [...Array<string>(11).fill('b1 ann RELEASED'), 'b2 ann ALLOCATED'];
  await until(async () => (await history(asked)).length === 12, { what: 'every lease', timeoutMs: 60_000 });
  await until(async () => (await history(asked)).filter((line) => line.endsWith('RELEASED')).length === 11, {
    what: 'every end',
    timeoutMs: 60_000,
  });
  t.deepEqual(await history(asked), expected);
  const { allocations } = await asked.allocations.listAllocations({ filter: { kinds: ['lease'] } });
  const known = new Map(allocations.map((a) => [a.attributes['fencing_token'], Number(a.allocateTime)]));
  t.is(known.size, 12, 'no lease twice');
  for (const [token, grantTime] of grantTimes) t.is(known.get(token), grantTime, `the time of token ${token}`);
  t.true((await ann.lease.getLease({ leaseId: held.id })).lease !== undefined, 'the lease was not touched');
});
