import { fakeClock, tempFolder, until } from '@berth/testkit';
import test from 'ava';
import { openSqliteEventLogStore } from '@berth/storage';
import { planRelease } from '../domain/index.js';
import { slowStore } from './held-log.fixture.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

test('leases, queue and inventory survive a restart; connection leases end with the process that held their streams', async (t) => {
  const dir = tempFolder(t);
  const clock = fakeClock();
  const benches = [bench('b1', 'a'), bench('b2', 'b'), bench('b3', 'c')];
  const store = await openSqliteEventLogStore({ dir, clock });
  const { lab } = await openTestLab({ store, clock, benches });
  const [manual, ttl, connection] = [new TestStream(), new TestStream(), new TestStream()];
  const [better, worse] = [new TestStream(), new TestStream()];
  await lab.acquire(request('manual', 'a', { hold: 'MANUAL' }), manual, manual);
  await lab.acquire(request('ttl', 'b', { hold: 'TTL', ttlMs: 60_000 }), ttl, ttl);
  const open = [
    lab.acquire(request('connection', 'c'), connection, connection),
    lab.acquire(request('worse', 'a'), worse, worse),
    lab.acquire(request('better', 'a', { priority: 90 }), better, better),
  ];
  // Their streams are never told how it ended.
  void Promise.allSettled(open);
  await until(() => worse.positions.length > 0 && better.positions.length > 0, { what: 'both wait' });
  // As if the process had been killed: nothing is told to the lab, only the store is let go.
  await store.close();

  clock.advance(1000);
  const reopened = await openSqliteEventLogStore({ dir, clock });
  const after = await openTestLab({ store: reopened, clock });
  const { state } = after.lab;
  t.is(state.leaseOf.get('manual')?.token, manual.lease?.token);
  t.is(state.leaseOf.get('ttl')?.token, ttl.lease?.token);
  t.is(after.lab.remainingMs(state.leaseOf.get('ttl') ?? t.fail()), 60_000, 'a full fresh TTL');
  await until(() => state.leaseOf.get('connection') === undefined, { what: 'the connection lease to end' });
  t.deepEqual(
    [...state.queue].map((waiting) => waiting.spec.requestId),
    ['better', 'worse'],
  );
  t.true([...state.queue].every((waiting) => waiting.detachedUntilMs !== undefined));

  const back = new TestStream();
  const waiting = after.lab.acquire(request('worse', 'a'), back, back);
  await until(() => back.positions.length > 0, { what: 'the worse one is back' });
  t.deepEqual(back.positions, [2], 'the place is kept, behind the better one that may still come back');
  back.hangUp();
  await waiting;
  await after.close();
  await reopened.close();
});

test('a TTL lease ends when its time is over, and not before; a renewal moves it', async (t) => {
  const clock = fakeClock();
  const { lab, close } = await openTestLab({ clock, benches: [bench('b1', 'a')] });
  const stream = new TestStream();
  await lab.acquire(request('r1', 'a', { hold: 'TTL', ttlMs: 10_000 }), stream, stream);
  const lease = stream.lease ?? t.fail();
  clock.advance(9000);
  t.deepEqual(await lab.touch([lease]), [true]);
  for (let i = 0; i < 9; i++) clock.advance(1000);
  t.is(lab.remainingMs(lease), 1000);
  t.truthy(lab.state.leases.get(lease.id));
  await until(
    () => {
      clock.advance(500);
      return lab.state.leases.size === 0;
    },
    { what: 'the lease to end' },
  );
  t.deepEqual(await lab.touch([lease]), [false]);
  await close();
});

for (const renewedMs of [0, 1, 4321, 9999]) {
  test(`a TTL lease that was renewed after ${String(renewedMs)} ms is gone within a second of its end (G4)`, async (t) => {
    const clock = fakeClock();
    const { lab, close } = await openTestLab({ clock, benches: [bench('b1', 'a')] });
    const stream = new TestStream();
    await lab.acquire(request('r1', 'a', { hold: 'TTL', ttlMs: 10_000 }), stream, stream);
    const lease = stream.lease ?? t.fail();
    clock.advance(renewedMs);
    t.deepEqual(await lab.touch([lease]), [true]);
    const endMs = clock.monotonic() + 10_000;
    const gone: number[] = [];
    while (clock.monotonic() < endMs + 1000) {
      clock.advance(1);
      // What fires in this millisecond is committed before the next one: the log is in memory.
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      if (lab.state.leases.size === 0) gone.push(clock.monotonic());
    }
    t.true(endMs <= (gone[0] ?? 0) && (gone[0] ?? Infinity) <= endMs + 1000, `gone at ${String(gone[0])}`);
    await close();
  });
}

test('a look at deadlines whose answer takes its time makes no lease valid for longer', async (t) => {
  const clock = fakeClock();
  const store = slowStore(await openSqliteEventLogStore({ dir: ':memory:', clock }), 'deadlines');
  const { lab, close } = await openTestLab({ store, clock, benches: [bench('b1', 'a')] });
  t.teardown(async () => {
    await close();
    await store.close();
  });
  const stream = new TestStream();
  await lab.acquire(request('r1', 'a', { hold: 'TTL', ttlMs: 3000 }), stream, stream);
  const lease = stream.lease ?? t.fail();
  // Renewed through another server: this one learns of it by its look when the first three seconds are over.
  clock.advance(2000);
  const log = await store.open('default');
  t.deepEqual(await log.touch([{ lease: lease.id, ttlMs: 3000 }]), [true]);
  store.hold();
  clock.advance(1000);
  await store.held();
  clock.advance(700);
  store.release();
  await until(() => lab.remainingMs(lease) !== 0, { what: 'the look to be over' });
  t.is(lab.remainingMs(lease), 1300);
});

test('a waiter gives up when its wait timeout is over', async (t) => {
  const clock = fakeClock();
  const { lab, close } = await openTestLab({ clock, benches: [bench('b1', 'a')] });
  const [holder, waiter] = [new TestStream(), new TestStream()];
  await lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), holder, holder);
  const waiting = lab.acquire(request('r2', 'a', { waitMs: 5000 }), waiter, waiter);
  await until(() => waiter.positions.length > 0, { what: 'it waits' });
  clock.advance(4999);
  t.is(lab.state.requests.size, 1);
  clock.advance(1);
  await t.throwsAsync(waiting, { message: /gave up after its wait_timeout of 5 s/ });
  await close();
});

test('an unattended request is granted after a restart, with nobody connected', async (t) => {
  const dir = tempFolder(t);
  const clock = fakeClock();
  const store = await openSqliteEventLogStore({ dir, clock });
  const { lab } = await openTestLab({ store, clock, benches: [bench('b1', 'a')] });
  const [holder, asker] = [new TestStream(), new TestStream()];
  await lab.acquire(request('holder', 'a', { hold: 'MANUAL' }), holder, holder);
  const open = lab.acquire(request('job', 'a', { hold: 'MANUAL', unattended: true }), asker, asker);
  void Promise.allSettled([open]);
  await until(() => asker.positions.length > 0, { what: 'it waits' });
  // As if the process had been killed.
  await store.close();

  // Longer than the place of a waiter is kept whose server was lost.
  clock.advance(60_000);
  const reopened = await openSqliteEventLogStore({ dir, clock });
  const after = await openTestLab({ store: reopened, clock });
  const { state } = after.lab;
  t.like(state.requests.get('job'), { detachedUntilMs: undefined, aside: false });
  const by = { actor: { name: 'op', kind: 'caller' as const }, operator: true };
  const { id } = state.leaseOf.get('holder') ?? t.fail();
  await after.lab.run({ requestId: '', fingerprint: '', plan: (draft) => planRelease(draft, id, by) });
  t.is(state.leaseOf.get('job')?.hold, 'MANUAL');
  await after.close();
  await reopened.close();
});
