import { openSqliteEventLogStore } from '@berth/storage';
import { closedAfter, fakeClock, until } from '@berth/testkit';
import test from 'ava';
import { planSetCondition } from '../domain/index.js';
import { lossyStore } from './held-log.fixture.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const GRACE_MS = 1_000;
const operator = { actor: { name: 'op', kind: 'caller' as const }, operator: true };
const OFFLINE = { state: 'OFFLINE', reason: 'x' } as const;

test('graces count anew after the store has lost something: who has come back since may be gone in an older copy', async (t) => {
  const clock = fakeClock();
  const store = lossyStore(closedAfter(t, await openSqliteEventLogStore({ dir: ':memory:', clock })));
  const benches = ['a', 'b', 'c'].map((name) => bench(name, name));
  const { lab } = closedAfter(t, await openTestLab({ store, clock, benches }));
  const [taken, holds, waits] = [new TestStream(), new TestStream(), new TestStream()];
  await lab.acquire(request('taken', 'a', { hold: 'MANUAL' }), taken, taken);
  const calls = [
    lab.acquire(request('holds', 'b', { graceMs: GRACE_MS }), holds, holds),
    lab.acquire(request('waits', 'a', { graceMs: GRACE_MS }), waits, waits),
  ];
  await until(() => holds.lease !== undefined && waits.positions.length > 0, { what: 'lease and place' });
  for (const stream of [holds, waits]) stream.hangUp();
  await Promise.all(calls);
  const nothing = { requestId: '', fingerprint: '', plan: () => undefined };
  await lab.run(nothing);
  t.truthy(lab.state.leaseOf.get('holds')?.detachedUntilMs);
  t.truthy(lab.state.requests.get('waits')?.detachedUntilMs);

  clock.advance(600);
  store.lose();
  const loss = clock.now();
  await lab.run({ ...nothing, plan: (draft) => planSetCondition(draft, 'c', '', OFFLINE, operator) });
  clock.advance(900);
  await lab.run(nothing);
  t.true(lab.state.leaseOf.has('holds'));
  t.true(lab.state.requests.has('waits'));

  clock.advance(loss + GRACE_MS - clock.now());
  await until(() => !lab.state.leaseOf.has('holds'), { what: 'the end of the lease' });
  // Those who wait have the time that they have when a server process is lost.
  clock.advance(loss + 14_999 - clock.now());
  await lab.run(nothing);
  t.true(lab.state.requests.has('waits'));
  clock.advance(1);
  await until(() => !lab.state.requests.has('waits'), { what: 'the end of the place' });
});
