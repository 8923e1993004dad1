import { openSqliteEventLogStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';
import type { WatchRecord } from './watch-ring.js';

test('a watcher sees every change after its revision, in order, and resumes where it stopped', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const from = lab.state.revision;
  const seen: WatchRecord[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const record of lab.changes.follow(from, stop.signal)) seen.push(record);
  })();
  for (const id of ['r1', 'r2', 'r3']) {
    const stream = new TestStream();
    const done = lab.acquire(request(id, 'a'), stream, stream);
    await until(() => stream.lease !== undefined, { what: 'the grant' });
    stream.hangUp();
    await done;
  }
  await until(() => seen.at(-1)?.revision === lab.state.revision && lab.state.leases.size === 0, {
    what: 'all changes',
  });
  t.deepEqual(
    seen.flatMap((record) => record.changes.map((change) => change.kind)),
    ['r1', 'r2', 'r3'].flatMap(() => ['requestPut', 'leasePut', 'leaseEnded']),
  );
  const [first] = seen;
  const resumed: WatchRecord[] = [];
  for await (const record of lab.changes.follow(first?.revision ?? 0, stop.signal)) {
    resumed.push(record);
    if (record.revision === lab.state.revision) break;
  }
  t.deepEqual(resumed, seen.slice(1), 'the very same records, which are encoded once');
  stop.abort();
  await watching;
  await close();
});

test('a revision that is not kept any more is refused, and one that nobody has seen yet too', async (t) => {
  const clock = fakeClock();
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock });
  await (await openTestLab({ store, clock, benches: [bench('b1', 'a')] })).close();
  const { lab, close } = await openTestLab({ store, clock });
  const { signal } = new AbortController();
  await t.throwsAsync(lab.changes.follow(1, signal).next(), { message: /not kept any more/ });
  const ahead = lab.changes.follow(lab.state.revision + 1, signal).next();
  clock.advance(2000);
  await t.throwsAsync(ahead, { message: /not kept any more/ }, 'another replica may be ahead, but not for long');
  await close();
  await store.close();
});
