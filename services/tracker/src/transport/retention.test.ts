import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import { trackerConfigSchema } from '../index.js';
import type { TestTracker } from './tracker-server.fixture.js';
import { refused, startTracker } from './tracker-server.fixture.js';

const DAY_MS = 86_400_000;
const config = {
  // A sweep is a look of the fake clock: with ten seconds a day would be thousands.
  sweepMs: 3_600_000,
  retention: { allocationsMs: 20 * DAY_MS, plansMs: 5 * DAY_MS },
  collect: { graceMs: 0, maxPercent: 100, kinds: { vm: { releaseWithoutCommand: true } } },
};

type Fields = Parameters<TestTracker['api']['registerIntent']>[0]['allocation'];

async function intent({ api }: TestTracker, fields: Fields = {}): Promise<string> {
  const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', ...fields } });
  return allocation?.id ?? '';
}

async function released(tracker: TestTracker, fields: Fields = {}): Promise<string> {
  const id = await intent(tracker, fields);
  await tracker.api.confirmAllocation({ id });
  await tracker.api.confirmRelease({ id });
  return id;
}

/** Moves the clock, and lets the sweep that is due then do its work. */
async function pass(tracker: TestTracker, ms: number): Promise<void> {
  tracker.clock.advance(ms);
  await tracker.sweep();
  // The sweep that is awaited has noted its time; the next one begins when it has forgotten what it may.
  await tracker.sweep();
}

async function there({ api }: TestTracker): Promise<readonly string[]> {
  return (await api.listAllocations({ pageSize: 1000 })).allocations.map(({ id }) => id).sort();
}

onEachEngine(test, (engine, title) => {
  test(title('what has ended is forgotten when it is old enough, and nothing else'), async (t) => {
    const tracker = await startTracker(t, engine, { config });
    const { api, clock } = tracker;
    const { group: open } = await api.openGroup({ owner: 'ann' });
    const { group: failed } = await api.openGroup({ owner: 'ann' });
    const done = await released(tracker);
    const unmade = await intent(tracker);
    await api.failAllocation({ id: unmade, reason: 'no room' });
    const inOpenGroup = await released(tracker, { group: open?.id ?? '' });
    await released(tracker, { group: failed?.id ?? '' });
    const held = await intent(tracker, { kind: 'volume' });
    await api.confirmAllocation({ id: held });
    // Each of these is a leak: an overdue intent, one that somebody looks after, one whose group failed.
    const overdue = await intent(tracker, { kind: 'disk' });
    const lookedAfter = await intent(tracker, { kind: 'disk' });
    const ofFailed = await intent(tracker, { kind: 'disk', group: failed?.id ?? '' });
    await api.confirmAllocation({ id: ofFailed });
    await api.closeGroup({ id: failed?.id ?? '', success: false });
    await pass(tracker, 2 * DAY_MS);
    const farAway = new Date(clock.now() + 300 * DAY_MS);
    await api.acknowledgeLeak({ leakId: `L1-${lookedAfter}`, until: farAway, reason: 'mine' });

    await pass(tracker, 17 * DAY_MS);
    const later = await released(tracker);
    t.true((await there(tracker)).includes(done));
    await pass(tracker, 2 * DAY_MS);
    t.is((await refused(t, api.getAllocation({ id: done }))).reason, 'NO_SUCH_ALLOCATION');
    t.is((await refused(t, api.getAllocation({ id: unmade }))).reason, 'NO_SUCH_ALLOCATION');
    t.deepEqual(await there(tracker), [inOpenGroup, later, held, overdue, lookedAfter, ofFailed].sort());
    t.is((await api.listLeaks({ includeAcknowledged: true })).leaks.length, 3);

    await api.closeGroup({ id: open?.id ?? '', success: true });
    await api.confirmRelease({ id: ofFailed });
    await pass(tracker, 1000);
    t.false((await there(tracker)).includes(inOpenGroup), 'its group is closed now');
    await pass(tracker, 21 * DAY_MS);
    t.deepEqual(await there(tracker), [held, overdue, lookedAfter].sort());
    for (const group of [open, failed]) {
      t.is((await refused(t, api.closeGroup({ id: group?.id ?? '' }))).reason, 'NO_SUCH_GROUP');
    }
  });

  test(title('a plan is forgotten some time after it was made or applied'), async (t) => {
    const tracker = await startTracker(t, engine, { config });
    const { api } = tracker;
    const made = (await api.planCollection({})).plan?.id ?? '';
    const used = (await api.planCollection({})).plan?.id ?? '';
    await pass(tracker, 4 * DAY_MS);
    const first = await api.applyPlan({ planId: used });
    await pass(tracker, 2 * DAY_MS);
    t.is((await refused(t, api.applyPlan({ planId: made }))).reason, 'NO_SUCH_PLAN');
    t.deepEqual(await api.applyPlan({ planId: used }), first);
    await pass(tracker, 4 * DAY_MS);
    t.is((await refused(t, api.applyPlan({ planId: used }))).reason, 'NO_SUCH_PLAN');
  });

  test(title('what was told long after it happened is kept from when it was told'), async (t) => {
    const tracker = await startTracker(t, engine, { config });
    const { api, clock } = tracker;
    const [id, longAgo] = [await intent(tracker), new Date(clock.now() - 100 * DAY_MS)];
    await api.confirmAllocation({ id, allocateTime: longAgo });
    await api.confirmRelease({ id, endTime: new Date(longAgo.getTime() + 1000) });
    await pass(tracker, 19 * DAY_MS);
    t.deepEqual(await there(tracker), [id]);
    await pass(tracker, 2 * DAY_MS);
    t.deepEqual(await there(tracker), []);
  });

  test(title('usage says from when on it is complete, once something of its time is forgotten'), async (t) => {
    const tracker = await startTracker(t, engine, { config });
    const { api, clock } = tracker;
    const from = new Date(clock.now());
    await released(tracker);
    clock.advance(DAY_MS);
    const last = await intent(tracker);
    await api.confirmAllocation({ id: last });
    clock.advance(1000);
    const { allocation } = await api.confirmRelease({ id: last });
    const running = await intent(tracker);
    await api.confirmAllocation({ id: running });
    await pass(tracker, 10 * DAY_MS);
    t.is((await api.getUsage({ from, groupBy: ['kind'] })).completeFrom, undefined);
    await pass(tracker, 10 * DAY_MS);
    const usage = await api.getUsage({ from, groupBy: ['kind'] });
    t.is(usage.rows[0]?.count, 1);
    t.deepEqual(usage.completeFrom, allocation?.endTime);
    const after = await api.getUsage({ from: allocation?.endTime, groupBy: ['kind'] });
    t.is(after.completeFrom, undefined);
    const until = new Date(from.getTime() + 1000);
    t.deepEqual((await api.getUsage({ from, until, groupBy: ['kind'] })).completeFrom, until);
  });
});

test('what is kept for less than a day, or not for a whole number, is no setting', (t) => {
  const of = (retention: object) => trackerConfigSchema.safeParse({ retention });
  t.is(of({}).data?.retention.allocationsMs, 400 * DAY_MS);
  for (const bad of [
    { allocationsMs: DAY_MS - 1 },
    { plansMs: 0 },
    { plansMs: 1.5 * DAY_MS + 0.5 },
    { plans: DAY_MS },
  ]) {
    t.false(of(bad).success, JSON.stringify(bad));
  }
});
