import type { Suite } from './subject.js';
import { commit } from './subject.js';

const LONG_MS = 60_000;

/** Deadlines and sessions outside of an append. */
export function testSoftState({ test, fresh, running }: Suite): void {
  test('touch starts the deadlines anew of those that have one', async (t) => {
    const log = await fresh();
    await commit(log, 0, [{ kind: 'arm', lease: 'a', ttlMs: 1_000 }]);
    const leases = [
      { lease: 'a', ttlMs: LONG_MS },
      { lease: 'none', ttlMs: LONG_MS },
    ];
    t.deepEqual(await log.touch(leases), [true, false]);
    const [a, none] = await log.deadlines(['a', 'none']);
    t.true((a ?? 0) > 1_000 && (a ?? 0) <= LONG_MS);
    t.is(none, undefined);
  });

  test('touch with missing starts only those that have none', async (t) => {
    const log = await fresh();
    await commit(log, 0, [{ kind: 'arm', lease: 'a', ttlMs: 1_000 }]);
    const leases = ['a', 'none'].map((lease) => ({ lease, ttlMs: LONG_MS }));
    t.deepEqual(await log.touch(leases, true), [false, true]);
    const [a, none] = await log.deadlines(['a', 'none']);
    t.true((a ?? 0) <= 1_000);
    t.true((none ?? 0) > 1_000);
    t.deepEqual(await log.touch([]), []);
    t.deepEqual(await log.deadlines([]), []);
  });

  test('a deadline that is over shows as negative and can still be touched', async (t) => {
    const log = await fresh();
    await commit(log, 0, [{ kind: 'arm', lease: 'a', ttlMs: 10 }]);
    await running().pass(15);
    t.true(((await log.deadlines(['a']))[0] ?? 0) < 0);
    t.deepEqual(await log.touch([{ lease: 'a', ttlMs: LONG_MS }]), [true]);
    t.true(((await log.deadlines(['a']))[0] ?? 0) > 0);
  });

  test('a session lives as long as it beats, and a gone one never comes back', async (t) => {
    const log = await fresh();
    await log.openSession('s', LONG_MS);
    await log.openSession('other', LONG_MS);
    t.deepEqual(await log.aliveSessions(['s', 'other', 'nobody']), new Set(['s', 'other']));
    t.true(await log.beat('s', 20));
    await running().pass(25);
    t.deepEqual(await log.aliveSessions(['s', 'other']), new Set(['other']));
    t.false(await log.beat('s', LONG_MS));
    t.is((await log.aliveSessions(['s'])).size, 0);
    await log.closeSession('other');
    t.false(await log.beat('other', LONG_MS));
    t.is((await log.aliveSessions([])).size, 0);
  });

  test('the clock goes on', async (t) => {
    const log = await fresh();
    const before = log.now();
    await running().pass(5);
    t.true(log.now() >= before + 4);
  });
}
