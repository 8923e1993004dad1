import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import type { TestTracker } from './tracker-server.fixture.js';
import { refused, startTracker } from './tracker-server.fixture.js';

type Fields = Parameters<TestTracker['api']['registerIntent']>[0]['allocation'];

async function register({ api }: TestTracker, all: readonly Fields[]): Promise<readonly string[]> {
  const requests = all.map((fields) => ({ allocation: { kind: 'vm', owner: 'ann', ...fields } }));
  const { results } = await api.batchRegisterIntents({ requests });
  return results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
}

onEachEngine(test, (engine, title) => {
  test(title('each filter lets through what it says, alone and together'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api } = tracker;
    const [a = '', b = '', c = ''] = await register(tracker, [
      { owner: 'ann', kind: 'vm', labels: { job: '1', arch: 'x86' }, application: 'ci', externalId: 'e-1' },
      { owner: 'bob', kind: 'vm', labels: { job: '1', arch: 'arm' }, parent: 'ticket/1' },
      { owner: 'bob', kind: 'volume', labels: { job: '2' } },
    ]);
    await api.confirmAllocation({ id: c });
    const listed = async (filter: Parameters<typeof api.listAllocations>[0]['filter']) =>
      (await api.listAllocations({ filter })).allocations.map(({ id }) => id).sort();
    t.deepEqual(await listed({}), [a, b, c].sort());
    t.deepEqual(await listed({ owners: ['bob'] }), [b, c].sort());
    t.deepEqual(await listed({ owners: ['ann', 'bob'], kinds: ['vm'] }), [a, b].sort());
    t.deepEqual(await listed({ states: [AllocationState.ALLOCATED] }), [c].sort());
    t.deepEqual(await listed({ labels: { job: '1' } }), [a, b].sort());
    t.deepEqual(await listed({ labels: { job: '1', arch: 'arm' } }), [b].sort());
    t.deepEqual(await listed({ application: 'ci' }), [a].sort());
    t.deepEqual(await listed({ externalId: 'e-1', owners: ['ann'] }), [a].sort());
    t.deepEqual(await listed({ parent: 'ticket/1' }), [b].sort());
    t.deepEqual(await listed({ createdUntil: new Date(tracker.clock.now()) }), []);
    t.deepEqual(await listed({ createdFrom: new Date(tracker.clock.now()), kinds: ['volume'] }), [c].sort());
  });

  test(title('pages neither repeat nor leave out, in both orders, while others come'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api } = tracker;
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      tracker.clock.advance(1);
      ids.push(
        ...(await register(
          tracker,
          Array.from({ length: 30 }, () => ({})),
        )),
      );
    }
    for (const orderBy of ['create_time', 'create_time desc']) {
      const seen: number[] = [];
      const found: string[] = [];
      let pageToken = '';
      do {
        const page = await api.listAllocations({ orderBy, pageSize: 37, pageToken, filter: { owners: ['ann'] } });
        for (const { id, createTime } of page.allocations) {
          found.push(id);
          seen.push(createTime?.getTime() ?? 0);
        }
        pageToken = page.nextPageToken;
        await register(tracker, [{ owner: 'bob' }]);
      } while (pageToken !== '');
      t.is(found.length, ids.length);
      t.deepEqual(found.sort(), [...ids].sort());
      const sign = orderBy === 'create_time' ? 1 : -1;
      t.deepEqual(
        seen,
        [...seen].sort((x, y) => sign * (x - y)),
      );
    }
    const { nextPageToken } = await api.listAllocations({ pageSize: 1 });
    const other = api.listAllocations({ pageSize: 1, pageToken: nextPageToken, filter: { kinds: ['vm'] } });
    t.is((await refused(t, other)).reason, 'INVALID_PAGE_TOKEN');
  });

  test(title('an export gives everything that the filter lets through, the oldest first'), async (t) => {
    const tracker = await startTracker(t, engine);
    const ids = await register(
      tracker,
      Array.from({ length: 250 }, (_, i) => ({ kind: i % 2 === 0 ? 'vm' : 'volume' })),
    );
    const found: string[] = [];
    for await (const { allocations } of tracker.api.exportAllocations({ filter: { kinds: ['vm'] } })) {
      found.push(...allocations.map(({ id }) => id));
    }
    t.deepEqual(found.sort(), ids.filter((_, i) => i % 2 === 0).sort());
  });

  test(title('usage sums up what overlaps the time, by owner, kind and bench'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api, clock } = tracker;
    const from = new Date(clock.now());
    const HOUR_MS = 3_600_000;
    const [done = '', running = ''] = await register(tracker, [
      { kind: 'lease', owner: 'ann', attributes: { bench: 'rack1/a,rack1/b' } },
      { kind: 'lease', owner: 'bob', labels: { bench: 'rack1/a' } },
      { kind: 'vm', owner: 'bob' },
    ]);
    await api.confirmAllocation({ id: done });
    clock.advance(HOUR_MS);
    await api.confirmRelease({ id: done });
    await api.confirmAllocation({ id: running });
    clock.advance(2 * HOUR_MS);
    const until = new Date(clock.now());
    const byOwner = await api.getUsage({ from, until, groupBy: ['owner'] });
    t.deepEqual(
      byOwner.rows.map(({ owner, count, hours }) => [owner, count, hours]),
      [
        ['bob', 1, 2],
        ['ann', 1, 1],
      ],
    );
    const byBench = await api.getUsage({ from, until, groupBy: ['bench'], kinds: ['lease'] });
    t.deepEqual(
      byBench.rows.map(({ bench, hours, utilisation }) => [bench, hours, utilisation]),
      [
        ['rack1/a', 3, 1],
        ['rack1/b', 1, 1 / 3],
      ],
    );
    t.deepEqual(byBench.rows[0]?.longest, { seconds: 7200, nanos: 0 });
    const oneBench = await api.getUsage({ from, until, groupBy: ['owner'], bench: 'rack1/b' });
    t.deepEqual(
      oneBench.rows.map(({ owner, hours }) => [owner, hours]),
      [['ann', 1]],
    );
    const later = await api.getUsage({
      from: new Date(from.getTime() + HOUR_MS),
      until,
      groupBy: ['kind'],
      owner: 'ann',
    });
    t.deepEqual(later.rows, []);
    t.is((await api.getUsage({ groupBy: ['kind'] })).from?.getTime(), from.getTime());
  });

  test(title('what is told later than it happened counts from when it happened'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api, clock } = tracker;
    const from = new Date(clock.now());
    clock.advance(7_200_000);
    const [id = ''] = await register(tracker, [{}]);
    await api.confirmAllocation({ id, allocateTime: from });
    await api.confirmRelease({ id, endTime: new Date(from.getTime() + 3_600_000) });
    t.is((await api.getUsage({ from, groupBy: ['owner'] })).rows[0]?.hours, 1);
  });

  test(title('a watch tells each change since a time, and then as they come'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api, clock } = tracker;
    const from = new Date(clock.now());
    const [before = ''] = await register(tracker, [{ owner: 'ann' }, { owner: 'bob' }]);
    const stop = new AbortController();
    const seen: string[] = [];
    let last = '';
    const watch = api.watch({ from, filter: { owners: ['ann'] } }, { signal: stop.signal });
    for await (const { allocation } of watch) {
      if (allocation === undefined) continue;
      seen.push(`${allocation.id} ${AllocationState[allocation.state]}`);
      if (seen.length === 1) await api.confirmAllocation({ id: before });
      if (seen.length === 2) [last = ''] = await register(tracker, [{ owner: 'ann' }]);
      if (seen.length === 3) break;
    }
    stop.abort();
    t.deepEqual(seen, [`${before} INTENT`, `${before} ALLOCATED`, `${last} INTENT`]);
  });

  test(title('an empty batch is refused'), async (t) => {
    const { api, records } = await startTracker(t, engine);
    for (const call of [
      api.batchRegisterIntents({}),
      api.batchConfirmAllocations({}),
      api.batchFailAllocations({}),
      api.batchConfirmReleases({}),
      api.batchFailReleases({}),
      records.batchCreateRecords({ kind: 'machines' }),
      records.releaseRecords({ kind: 'machines' }),
    ]) {
      const error = await refused(t, call);
      t.is(error.reason, 'INVALID_FIELD');
      t.regex(error.message, /is empty; give at least one/);
    }
  });

  test(title('a batch answers for each item with its own faults'), async (t) => {
    const { api } = await startTracker(t, engine);
    const good = { allocation: { kind: 'vm', owner: 'ann' }, requestId: 'one' };
    const { results } = await api.batchRegisterIntents({
      requests: [
        good,
        { allocation: { kind: 'a vm', owner: '' } },
        good,
        { ...good, allocation: { kind: 'x', owner: 'ann' } },
      ],
    });
    const [first, faulty, repeat, reused] = results.map(({ result }) => result);
    t.is(first?.$case === 'allocation' && repeat?.$case === 'allocation' && first.value.id === repeat.value.id, true);
    t.regex(
      faulty?.$case === 'error' ? faulty.value.message : '',
      /requests\[1\]\.allocation\.kind.*requests\[1\]\.allocation\.owner/,
    );
    t.regex(reused?.$case === 'error' ? reused.value.message : '', /was used before with another payload/);
    const id = first?.$case === 'allocation' ? first.value.id : '';
    const confirmed = await api.batchConfirmAllocations({
      requests: [{ id }, { id: 'al-no' }, { id, externalId: 'x' }],
    });
    t.deepEqual(
      confirmed.results.map(({ result }) => result?.$case),
      ['allocation', 'error', 'error'],
    );
    const { etag } = (await api.getAllocation({ id })).allocation ?? { etag: '' };
    const undeleted = await api.batchFailReleases({
      requests: [{ id, reason: 'busy', etag }, { id, reason: 'busy', etag }, { id }, { id: 'al-no', reason: 'busy' }],
    });
    t.deepEqual(
      undeleted.results.map(({ result }) => result?.$case),
      ['allocation', 'error', 'error', 'error'],
    );
    const messages = undeleted.results.map(({ result }) => (result?.$case === 'error' ? result.value.message : ''));
    t.regex(messages[1] ?? '', /changed since its etag/);
    t.regex(messages[2] ?? '', /requests\[2\]\.reason/);
    const released = await api.batchConfirmReleases({ requests: [{ id }, { id }] });
    t.deepEqual(
      released.results.map(({ result }) => result?.$case),
      ['allocation', 'allocation'],
    );
    t.deepEqual(
      (await api.batchFailAllocations({ requests: [{ id, reason: 'x' }] })).results[0]?.result?.$case,
      'error',
    );
  });

  test(title('a rehearsal checks everything and changes nothing'), async (t) => {
    const { api } = await startTracker(t, engine);
    const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' }, validateOnly: true });
    t.is(allocation?.state, AllocationState.INTENT);
    t.deepEqual((await api.listAllocations({})).allocations, []);
    const faulty = api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', group: 'gr-no' }, validateOnly: true });
    t.is((await refused(t, faulty)).reason, 'NO_SUCH_GROUP');
  });
});
