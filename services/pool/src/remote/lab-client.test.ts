import { connect } from '@berth/client';
import { closedAfter, startBerthd } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Demand, LabBenches } from '../domain/supply.js';
import { labClient } from './lab-client.js';

const INVENTORY = 'pool: { name: lab, resources: { hw1: { attributes: [hw] } } }';

async function startLab(t: ExecutionContext) {
  const berthd = await startBerthd({ inventory: INVENTORY, settings: { roles: ['lease'] } });
  t.teardown(() => berthd.stop());
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'berth-pool', role: 'operator' }));
  const ann = closedAfter(t, connect({ address: berthd.address, user: 'ann', role: 'user' }));
  return { berthd, berth, ann, lab: labClient(() => Promise.resolve(berth)) };
}

const BENCH = {
  lab: 'default',
  pool: 'p',
  attributes: [{ name: 'vm', weight: 3 }],
  properties: { data: 'x' },
  labels: {},
};
const OFFER = {
  ...{ pool: 'p', attributes: [{ name: 'vm', weight: 3 }], capacity: 4, available: 4, starting: 1 },
  onDemand: [],
  ...{ makeMs: 1500, concurrency: 2, blockedReason: '' },
};

/** Reads until something holds. */
async function read<T>(told: AsyncGenerator<T>, holds: (one: T) => boolean): Promise<T> {
  for await (const one of { [Symbol.asyncIterator]: () => ({ next: () => told.next() }) }) if (holds(one)) return one;
  throw new Error('the stream ended');
}

test('a pool sees its benches and their leases, cleans them, and takes them away', async (t) => {
  const { berth, ann, lab } = await startLab(t);
  const stop = new AbortController();
  const benches = lab.watchBenches('default', stop.signal);
  const first = await read(benches, () => true);
  t.is(first.benches.size, 0, 'those of an inventory are none of a pool');
  const requestId = 'new-p1';
  const revision = await lab.createBench({ ...BENCH, name: 'p1', requestId });
  t.is(await lab.createBench({ ...BENCH, name: 'p1', requestId }), revision);
  t.is(await lab.createBench({ ...BENCH, name: 'p1', requestId: 'other' }), revision, 'it is there by an earlier call');
  await t.throwsAsync(lab.createBench({ ...BENCH, name: 'hw1', requestId: 'hw' }), {
    message: /is not one of pool 'p'/,
  });
  const has = (test: (bench: LabBenches['benches'] extends ReadonlyMap<string, infer B> ? B : never) => boolean) =>
    read(benches, ({ benches: all }) => {
      const bench = all.get('p1');
      return bench !== undefined && test(bench);
    });
  const there = await has(() => true);
  t.true(there.revision >= revision);
  t.like(there.benches.get('p1'), { pool: 'p', condition: 'READY', cleaningToken: 0, affinity: '', lease: undefined });

  const lease = await ann.acquire({ attributes: ['vm'], hold: 'manual', affinity: 'job' });
  t.is(lease.bench.properties['data'], 'x');
  const held = (await has(({ lease: its }) => its !== undefined)).benches.get('p1');
  t.like(held?.lease, { id: lease.id, fencingToken: lease.fencingToken, sandbox: 'job' });
  t.is(await lab.deleteBench('default', 'p1', 'idle', 'old'), false);
  await lease.release();
  const used = (await has(({ lease: its, cleaningToken }) => its === undefined && cleaningToken > 0)).benches.get('p1');
  t.is(used?.cleaningToken, lease.fencingToken);
  t.false(await lab.finishCleaning('default', 'p1', 5, ''), 'not after that lease');
  t.true(await lab.finishCleaning('default', 'p1', lease.fencingToken, 'job'));
  const clean = await has(({ cleaningToken }) => cleaningToken === 0);
  t.true(clean.revision > revision);
  t.is(clean.benches.get('p1')?.affinity, 'job');
  t.false(await lab.finishCleaning('default', 'p1', lease.fencingToken, ''));

  t.false(await lab.setQuarantine('default', 'p1', 'aaaa', 'it does not answer'));
  t.true(await lab.setQuarantine('default', 'p1', clean.benches.get('p1')?.etag ?? '', 'it does not answer'));
  const ill = (await has(({ condition }) => condition === 'QUARANTINED')).benches.get('p1');
  t.is(ill?.conditionBy, 'berth-pool');
  t.true(await lab.setQuarantine('default', 'p1', ill?.etag ?? '', undefined));
  await has(({ condition }) => condition === 'READY');
  const [startTime, endTime] = [new Date(Date.now() + 3_600_000), new Date(Date.now() + 7_200_000)];
  await berth.lease.putReservation({ reservation: { id: 'bk', version: 1, benches: ['p1'], startTime, endTime } });
  t.false(await lab.deleteBench('default', 'p1', 'idle', 'old'), 'it is booked');
  await berth.lease.deleteReservation({ id: 'bk', version: 1 });
  t.true(await lab.deleteBench('default', 'p1', 'idle', 'old'));
  await read(benches, ({ benches: all }) => all.size === 0);
  t.true(await lab.deleteBench('default', 'p1', 'force', 'gone already'));
  t.true(await lab.deleteBench('elsewhere', 'p1', 'force', 'no such lab'));
  stop.abort();
  t.true((await benches.next()).done);
});

test('a pool sees what waiting requests lack, and ends leases with a reason', async (t) => {
  const { ann, lab } = await startLab(t);
  const stop = new AbortController();
  const demand = lab.watchDemand('default', stop.signal);
  await lab.putOffer('default', OFFER);
  const waiting = ann.acquire({ attributes: ['vm'], count: 2, hold: 'manual', affinity: 'job' });
  const lacking = (count: number) => read<Demand>(demand, ({ lacks }) => (lacks[0]?.count ?? 0) === count);
  const { lacks } = await lacking(2);
  t.deepEqual(lacks, [{ attributes: ['vm'], affinity: 'job', count: 2, offers: [{ pool: 'p', weight: 3 }] }]);
  await lab.createBench({ ...BENCH, name: 'a1', requestId: '1' });
  t.deepEqual((await lacking(1)).claimed, new Set(['a1']));
  t.is(await lab.deleteBench('default', 'a1', 'idle', ''), false, 'it is kept for somebody');
  await lab.createBench({ ...BENCH, name: 'a2', requestId: '2' });
  const lease = await waiting;
  t.is(await lab.deleteBench('default', 'a1', 'drain', ''), false, 'it goes after its lease');
  t.true(await lab.deleteBench('default', 'a2', 'force', 'livecheck failed'));
  const error = await t.throwsAsync(ann.lease.getLease({ leaseId: lease.id }));
  t.regex(error.message, /is not in force/);
  await lab.deleteOffer('default', 'p');
  await lab.deleteOffer('default', 'p');
  await t.throwsAsync(ann.acquire({ attributes: ['vm'] }), { message: /no bench/i });
  stop.abort();
  await t.throwsAsync(
    read(demand, () => false),
    { message: 'the stream ended' },
  );
});

test('a lease service that is away is told as unavailable', async (t) => {
  const { berthd, lab } = await startLab(t);
  const benches = lab.watchDemand('default', new AbortController().signal);
  await benches.next();
  await berthd.kill('SIGKILL');
  await t.throwsAsync(lab.putOffer('default', OFFER), { message: /does not answer/ });
  await t.throwsAsync(
    benches.next().then(() => benches.next()),
    { message: /does not answer/ },
  );
});
