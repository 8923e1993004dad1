import { AllocationServiceDefinition } from '@berth/proto/berth/tracker/v1/allocation_service';
import test from 'ava';
import { ordinaryClient } from './ordinary-client.fixture.js';
import type { TestTracker } from './tracker-server.fixture.js';
import { startTracker } from './tracker-server.fixture.js';

type Api = TestTracker['api'];

const WIDE = '測';
/** As many entries, and as large, as one command may give. */
function entriesOf(prefix: string, chars: number): Record<string, string> {
  return Object.fromEntries(
    numbers(64).map((i) => [`${prefix}${String(i + 10)}${'x'.repeat(124)}`, WIDE.repeat(chars)]),
  );
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** All of a list, page by page. */
async function listed<P extends { readonly nextPageToken: string }, I>(
  list: (pageToken: string) => Promise<P>,
  items: (page: P) => readonly I[],
): Promise<I[]> {
  const all: I[] = [];
  for (let pageToken = ''; ;) {
    const page = await list(pageToken);
    all.push(...items(page));
    pageToken = page.nextPageToken;
    if (pageToken === '') return all;
  }
}

test('every call about allocations answers in messages that clients take, with the most data', async (t) => {
  const tracker = await startTracker(t, 'sqlite');
  const called = new Set<string>();
  const api = ordinaryClient(t, tracker.address, AllocationServiceDefinition, called) as Api;
  const requests = numbers(12).map(() => ({
    allocation: { kind: 'vm', owner: 'ann', labels: entriesOf('l', 256), attributes: entriesOf('a', 1024) },
  }));
  const { results } = await api.batchRegisterIntents({ requests });
  const ids = results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
  t.is(results[0]?.result?.$case, 'allocation');
  t.false(results[0]?.shortened);
  t.true(results[11]?.shortened);
  t.like(results[11]?.result, { value: { state: 1, labels: {} } });
  const more = { attributes: entriesOf('b', 1024) };
  await api.batchConfirmAllocations({ requests: ids.slice(1).map((id) => ({ id, ...more })) });
  const [id = '', other = ''] = ids;
  await api.confirmAllocation({ id, ...more });
  for (const i of numbers(100)) {
    await api.setProtection({ id, protected: i % 2 === 0, reason: WIDE.repeat(1024) });
  }
  await api.extend({ id, duration: { seconds: 60, nanos: 0 } });
  const { allocation } = await api.getAllocation({ id });
  t.is(allocation?.history.length, 100);
  t.is(Object.keys(allocation?.attributes ?? {}).length, 128);

  const pages = await listed(
    (pageToken) => api.listAllocations({ pageSize: 1000, pageToken }),
    ({ allocations }) => allocations,
  );
  t.deepEqual(pages.map((one) => one.id).sort(), [...ids].sort());
  const exported: string[] = [];
  for await (const { allocations } of api.exportAllocations({})) exported.push(...allocations.map((one) => one.id));
  t.deepEqual(exported.sort(), [...ids].sort());
  const told = new Set<string>();
  for await (const { allocation: one } of api.watch({ from: new Date(tracker.clock.now() - 1) })) {
    told.add(one?.id ?? '');
    if (told.size === ids.length) break;
  }

  const undeleted = { id, reason: WIDE.repeat(1024) };
  await api.failRelease(undeleted);
  await api.batchFailReleases({ requests: [undeleted, { ...undeleted, id: other }] });
  await api.confirmRelease({ id, reason: WIDE.repeat(1024) });
  const failing = await api.registerIntent({ ...requests[0] });
  await api.failAllocation({ id: failing.allocation?.id ?? '', reason: WIDE.repeat(1024) });
  await api.batchConfirmReleases({ requests: [{ id: other }] });
  const named = { owner: 'ann', kind: 'vm', externalId: WIDE.repeat(512) };
  const last = await api.registerIntent({ allocation: { ...requests[0]?.allocation, ...named } });
  await api.confirmAllocation({ id: last.allocation?.id ?? '' });
  await api.releaseByAttributes(named);
  const { group } = await api.openGroup({ owner: WIDE.repeat(128), description: WIDE.repeat(1024) });
  await api.closeGroup({ id: group?.id ?? '', success: true });
  await refusedBatches(api);
  await leaks(tracker, api);
  const all = Object.values(AllocationServiceDefinition.methods).map(({ name }) => name);
  t.deepEqual([...called].sort(), all.sort());

  /** Of 10,000 each with several faults. */
  async function refusedBatches(client: Api): Promise<void> {
    const bad = { kind: WIDE, owner: '', group: '\u0001', application: '\u0001', module: '\u0001', parent: '\u0001' };
    const intents = numbers(10_000).map(() => ({ allocation: bad }));
    const answer = await client.batchRegisterIntents({ requests: intents });
    t.is(answer.results.length, 10_000);
    t.true(answer.results.every(({ result }) => result?.$case === 'error' && result.value.details.length > 0));
    const [first, final] = [answer.results[0], answer.results[9999]];
    t.true(first?.result?.$case === 'error' && first.result.value.message.includes('owner'));
    t.true(final?.shortened && final.result?.$case === 'error' && final.result.value.message.endsWith('…'));
    const unknown = numbers(10_000).map((i) => ({ id: `${WIDE.repeat(500)}${String(i)}`, reason: 'r' }));
    t.is((await client.batchFailAllocations({ requests: unknown })).results.length, 10_000);
  }

  /** More and larger ones than a plan, a page, or a sum of usage holds. */
  async function leaks({ clock, sweep }: TestTracker, calls: Api): Promise<void> {
    const expectedEnd = new Date(clock.now() + 1);
    for (const i of numbers(3)) {
      const each = numbers(700).map((n) => ({
        allocation: {
          kind: 'lease',
          owner: `${String(i * 1000 + n + 1000)}${WIDE.repeat(124)}`,
          externalId: `${String(n)}${WIDE.repeat(500)}`,
          labels: { bench: `${String(n)}${WIDE.repeat(250)}` },
          expectedEnd,
        },
      }));
      const { results: made } = await calls.batchRegisterIntents({ requests: each });
      const these = made.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
      const confirmed = await calls.batchConfirmAllocations({ requests: these.map((one) => ({ id: one })) });
      t.is(confirmed.results.length, 700);
    }
    const seen = { kind: 'volume', provider: 'p', externalIds: numbers(50).map((n) => `${String(n)}${WIDE}`) };
    t.is((await calls.reportSeen(seen)).unknown, 50);
    await sweep();
    const found = await listed(
      (pageToken) => calls.listLeaks({ pageSize: 1000, pageToken }),
      (page) => page.leaks,
    );
    t.is(found.length, 2150);
    const until = new Date(clock.now() + 60_000);
    await calls.acknowledgeLeak({ leakId: found[0]?.id ?? '', until, reason: WIDE.repeat(1024) });
    const { plan } = await calls.planCollection({});
    const planned = plan?.items.length ?? 0;
    t.true(planned > 900 && planned < 2100, 'what two MiB hold');
    const { outcomes } = await calls.applyPlan({ planId: plan?.id ?? '' });
    t.is(outcomes.length, planned);
    clock.advance(1000);
    const usage = await calls.getUsage({ groupBy: ['owner', 'bench', 'kind'] });
    t.is(usage.rows.length + usage.leftOut, 2100);
    t.true(usage.leftOut > 0);
  }
});
