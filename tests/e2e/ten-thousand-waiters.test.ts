import type { Berth, QueuedRequest } from '@berth/client';
import { allPages, connect } from '@berth/client';
import { seededRandom, until } from '@berth/testkit';
import test from 'ava';
import type { AcquireCall } from '../driver/acquire-call.js';
import { manual, openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

const WAITERS = 10_000;
const BENCHES = 10;
const CONNECTIONS = 4;
/** More would keep this process from answering pings for seconds. */
const AT_ONCE = 500;
const HAND_OFFS = 3;
const PATIENCE_MS = 90_000;

function wholeQueue(berth: Berth): Promise<QueuedRequest[]> {
  return allPages(async (pageToken) => {
    const { requests, nextPageToken } = await berth.lease.listQueue({ pageSize: 1000, pageToken });
    return { items: requests, nextPageToken };
  });
}

/** The rank of each request among those for the same bench, from priority and arrival alone. */
function ranks(queue: readonly QueuedRequest[]): Map<string, number> {
  const POINT_MS = 60_000;
  const score = ({ arrivalTime, priority }: QueuedRequest): number =>
    (arrivalTime?.getTime() ?? NaN) - priority * POINT_MS;
  const counts = new Map<string, number>();
  const found = new Map<string, number>();
  // Stable: what arrived in the same millisecond stays as the list has it.
  for (const request of [...queue].sort((a, b) => score(a) - score(b))) {
    const bench = request.requirements[0]?.bench ?? '';
    const rank = (counts.get(bench) ?? 0) + 1;
    counts.set(bench, rank);
    found.set(request.requestId, rank);
  }
  return found;
}

test('ten thousand clients wait for ten benches: each is told its true place, and hand-offs go to the first', async (t) => {
  t.timeout(150_000);
  const random = seededRandom();
  t.log(`BERTH_SEED=${String(random.seed)}`);
  // This process is busy with ten thousand streams, and may answer a ping late where others are busy too.
  const settings = { server: { keepaliveTimeoutMs: PATIENCE_MS } };
  const berthd = await berthdOf(t, { inventory: inventoryOf(BENCHES), settings });
  const connections = Array.from({ length: CONNECTIONS }, () => connect({ address: berthd.address }));
  t.teardown(() => connections.forEach((berth) => berth.close()));
  const [berth] = connections as [Berth];
  const benches = Array.from({ length: BENCHES }, (_, i) => `b${String(i + 1)}`);
  let holders: string[] = [];
  for (const bench of benches)
    holders.push((await openAcquire(berth, manual({ requirements: [{ bench }] })).granted()).id);

  const startedMs = performance.now();
  const calls = new Map<string, AcquireCall>();
  const waiting = (): AcquireCall[] => [...calls.values()].filter(({ lease, over }) => lease === undefined && !over);
  const placed = (): Promise<unknown> =>
    until(() => waiting().every(({ place }) => place !== undefined), {
      what: 'all to have a place',
      timeoutMs: PATIENCE_MS,
    });
  for (let i = 0; i < WAITERS; i++) {
    const requirements = [{ bench: random.pick(benches) }];
    const call = openAcquire(random.pick(connections), { requirements, priority: random.int(101) });
    calls.set(call.requestId, call);
    if (calls.size % AT_ONCE === 0) await placed();
  }
  t.log(`all waited after ${(performance.now() - startedMs).toFixed(0)} ms`);

  for (let i = 0; i <= HAND_OFFS; i++) {
    const truth = ranks(await wholeQueue(berth));
    t.is(truth.size, WAITERS - i * BENCHES);
    const wrong = (): AcquireCall[] =>
      waiting().filter(({ requestId, place }) => place?.position !== truth.get(requestId));
    await until(() => wrong().length === 0, { what: 'all to know their place', timeoutMs: PATIENCE_MS }).catch(
      () => undefined,
    );
    t.deepEqual(
      wrong()
        .slice(0, 3)
        .map(({ requestId, place }) => [requestId, place?.position, truth.get(requestId)]),
      [],
    );
    if (i === HAND_OFFS) break;
    const first = [...truth].filter(([, rank]) => rank === 1).map(([requestId]) => requestId);
    for (const id of holders) await berth.lease.release({ leaseId: id });
    holders = [];
    for (const requestId of first) {
      const lease = await calls.get(requestId)?.granted();
      holders.push(lease?.id ?? '');
    }
    t.is(waiting().length, WAITERS - (i + 1) * BENCHES);
  }

  for (const call of calls.values()) call.hangUp();
  await until(async () => (await berth.lease.listQueue({})).waiting === 0, {
    what: 'an empty queue',
    timeoutMs: PATIENCE_MS,
  });
  t.deepEqual((await berth.lease.listLeases({})).leases, []);
  t.log(`done after ${(performance.now() - startedMs).toFixed(0)} ms`);
});
