import { openSqliteEventLogStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import type { Change } from '../domain/index.js';
import { LabState } from '../domain/index.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';
import type { Lab } from './lab.js';
import type { WatchRecord } from './watch-ring.js';
import { WatchRing } from './watch-ring.js';

/** Collects what a reader gives, now and at every change. */
function collect({ changes }: Lab, from: number): { readonly seen: WatchRecord[]; readonly close: () => void } {
  const seen: WatchRecord[] = [];
  const reader = changes.read(from, take);
  take();
  return {
    seen,
    close: () => {
      reader.close();
    },
  };

  function take(): void {
    for (let record = reader.next(); record !== undefined; record = reader.next()) seen.push(record);
  }
}

test('a watcher sees every change after its revision, in order, and resumes where it stopped', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const { seen, close: stop } = collect(lab, lab.state.revision);
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
  const resumed = collect(lab, first?.revision ?? 0);
  t.deepEqual(resumed.seen, seen.slice(1));
  t.is(resumed.seen[0], seen[1], 'the very same records, which are encoded once');
  stop();
  resumed.close();
  await close();
});

test('a revision that is not kept any more is refused, and one that nobody has seen yet too', async (t) => {
  const clock = fakeClock();
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock });
  await (await openTestLab({ store, clock, benches: [bench('b1', 'a')] })).close();
  const { lab, close } = await openTestLab({ store, clock });
  const old = lab.changes.read(1, () => undefined);
  t.throws(() => old.next(), { message: /not kept any more/ });
  old.close();
  const ahead = lab.changes.reach(lab.state.revision + 1);
  clock.advance(2000);
  await t.throwsAsync(ahead, { message: /not kept any more/ }, 'another replica may be ahead, but not for long');
  await close();
  await store.close();
});

/** One lease of b1, from its request to its end. */
async function cycle(lab: Lab, id: string): Promise<void> {
  const stream = new TestStream();
  const done = lab.acquire(request(id, 'a'), stream, stream);
  await until(() => stream.lease !== undefined, { what: 'the grant' });
  stream.hangUp();
  await done;
  await until(() => lab.state.leases.size === 0, { what: 'the end' });
}

test('a restart keeps what a watcher has not seen, also when snapshots were saved and the log was trimmed', async (t) => {
  const settings = { snapshotEveryEntries: 100, logKeepMs: 0 };
  const first = await openTestLab({ settings, benches: [bench('b1', 'a')] });
  for (let i = 0; i < 120; i++) await cycle(first.lab, `r${String(i)}`);
  const watcher = collect(first.lab, first.lab.state.revision);
  const from = first.lab.state.revision;
  for (let i = 0; i < 30; i++) await cycle(first.lab, `s${String(i)}`);
  watcher.close();
  await first.lab.close();
  t.is(await (await first.store.open('default')).read(0), 'trimmed', 'snapshots were saved meanwhile');
  const second = await openTestLab({ store: first.store, settings });
  const resumed = collect(second.lab, from);
  t.true(watcher.seen.length >= 30);
  t.deepEqual(
    resumed.seen
      .slice(0, watcher.seen.length)
      .map(({ revision, changes }) => [revision, changes.map(({ kind }) => kind)]),
    watcher.seen.map(({ revision, changes }) => [revision, changes.map(({ kind }) => kind)]),
  );
  resumed.close();
  await second.close();
  await first.store.close();
});

test('a revision that this log never had is refused, although the log has gone on past it', (t) => {
  const state = new LabState({
    priorityPointMs: 60_000,
    backfill: false,
    waiterGraceMs: 0,
    keepBackMs: 0,
    keepAnswersMs: 0,
    bookingNoticeMs: 0,
    openEndedMs: 1,
  });
  const ring = new WatchRing({ state }, fakeClock());
  const read = (revision: number): number[] => {
    const revisions: number[] = [];
    const reader = ring.read(revision, () => undefined);
    for (let record = reader.next(); record !== undefined; record = reader.next()) revisions.push(record.revision);
    return revisions;
  };
  ring.loading(3);
  for (const revision of [5, 7]) ring.applied([], revision);
  const live = ring.read(7, () => undefined);
  t.is(live.next(), undefined);
  // The store came back with a copy that ends at 5, and went on with 9.
  ring.loading(3);
  ring.replayed([], 5);
  ring.reloaded();
  ring.applied([], 9);
  t.throws(() => live.next(), { message: /came back without that revision/ });
  t.throws(() => read(7), { message: /came back without that revision/ });
  t.deepEqual([read(3), read(5), read(9)], [[5, 9], [9], []]);
});

test('large records push out older ones sooner, but never the newest', (t) => {
  const state = new LabState({
    priorityPointMs: 60_000,
    backfill: false,
    waiterGraceMs: 0,
    keepBackMs: 0,
    keepAnswersMs: 0,
    bookingNoticeMs: 0,
    openEndedMs: 1,
  });
  const ring = new WatchRing({ state }, fakeClock());
  const changes = Array.from({ length: 1000 }, (_, i): Change => ({ kind: 'benchRemoved', name: `b${String(i)}` }));
  const kept = (revision: number): number => {
    let count = 0;
    const reader = ring.read(revision, () => undefined);
    while (reader.next() !== undefined) count++;
    reader.close();
    return count;
  };
  for (let revision = 1; revision <= 100; revision++) {
    ring.applied(changes, revision);
    t.is(kept(Math.max(0, revision - 16)), Math.min(revision, 16), 'those that are kept at least');
  }
  t.throws(() => kept(100 - 33), { message: /not kept any more/ });
  ring.applied(Array.from({ length: 50 }, () => changes).flat(), 101);
  t.is(kept(100), 1);
  t.throws(() => kept(99), { message: /not kept any more/ });
});
