import type { Allocation, Berth, Resource } from '@berth/client';
import { AllocationState, allPages, connect, ResourceState } from '@berth/client';
import { closedAfter, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { berthdOf } from '../driver/engines.js';
import { PoolLab } from '../driver/pool-lab.js';

const OPTIONS = '  max_starting: 4\n  max_prealloc: 1\n  tags: [thing]\n  retry: { initial: 500ms, max: 1s }';
const AWAY_MS = Number(process.env['BERTH_AWAY_MS'] ?? 6000);

/** Takes and gives back one resource after the other, until told. */
async function work(berth: Berth, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const number = (await berth.pools.createTicket({ tags: ['thing'] })).ticket?.number ?? 0;
    const isReady = async () => (await berth.pools.getTicket({ number })).ticket?.ready;
    await until(isReady, { what: `ticket ${String(number)}`, timeoutMs: 60_000 });
    await berth.pools.closeTicket({ number });
  }
}

const EVERY = [
  ResourceState.STARTING,
  ResourceState.UP,
  ResourceState.RELEASING,
  ResourceState.DELETING,
  ResourceState.DELETE_FAILED,
  ResourceState.ENDED,
];

function allResources(berth: Berth): Promise<readonly Resource[]> {
  return allPages(async (pageToken) => {
    const page = await berth.pools.listResources({ states: EVERY, pageSize: 1000, pageToken });
    return { items: page.resources, nextPageToken: page.nextPageToken };
  });
}

function allAllocations(berth: Berth): Promise<readonly Allocation[]> {
  return allPages(async (pageToken) => {
    const filter = { kinds: ['pool-resource'] };
    const page = await berth.allocations.listAllocations({ filter, pageSize: 1000, pageToken });
    return { items: page.allocations, nextPageToken: page.nextPageToken };
  });
}

/** What the tracker should know of a resource, and what it knows. */
function compared(resources: readonly Resource[], allocations: readonly Allocation[]) {
  const expected = resources.map(({ name, upTime, endTime }) => {
    const state = endTime === undefined ? AllocationState.ALLOCATED : AllocationState.RELEASED;
    return [name, state, upTime?.getTime(), endTime?.getTime()].join();
  });
  const found = allocations.map(({ externalId, state, allocateTime, endTime }) => {
    return [externalId, state, allocateTime?.getTime(), endTime?.getTime()].join();
  });
  return { expected: expected.sort(), found: found.sort() };
}

test('a tracker that is away under load learns of each resource with its times, once', async (t: ExecutionContext) => {
  t.timeout(300_000 + AWAY_MS);
  const lab = new PoolLab(t, { max: 6, options: OPTIONS });
  const tracker = await berthdOf(t, { settings: { roles: ['tracker'] } });
  const settings = { roles: ['lease', 'pool'], tracker: { address: tracker.address }, pool: { file: lab.file } };
  const berthd = await berthdOf(t, { settings });
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'ann', role: 'operator' }));
  const records = closedAfter(t, connect({ address: tracker.address, user: 'ann', role: 'operator' }));
  let over = false;
  const working = Promise.all([work(berth, () => over), work(berth, () => over), work(berth, () => over)]);
  await until(async () => (await allResources(berth)).length > 10, { what: 'ten resources', timeoutMs: 60_000 });
  await tracker.kill('SIGKILL');
  const [before, fromMs] = [(await allResources(berth)).length, Date.now()];
  await until(() => Date.now() > fromMs + AWAY_MS, { what: 'the tracker to be away', timeoutMs: 2 * AWAY_MS });
  const goesOn = async () => (await allResources(berth)).length > before + 10;
  await until(goesOn, { what: 'pools to go on without the tracker', timeoutMs: 60_000 });
  const after = (await allResources(berth)).length;
  await tracker.start();
  await until(async () => (await allResources(berth)).length > after + 10, { what: 'ten more', timeoutMs: 60_000 });
  over = true;
  await working;
  t.log(`${String(before)} resources before, ${String(after - before)} while the tracker was away`);
  const isSame = async () => {
    const resources = await allResources(berth);
    if (resources.some(({ state }) => state !== ResourceState.UP && state !== ResourceState.ENDED)) return false;
    const { expected, found } = compared(resources, await allAllocations(records));
    return expected.join('\n') === found.join('\n');
  };
  await until(isSame, { what: 'the tracker to know all', timeoutMs: 120_000 }).catch(async () => {
    const { expected, found } = compared(await allResources(berth), await allAllocations(records));
    t.deepEqual(found, expected);
  });
  t.is(lab.faults, '');
});
