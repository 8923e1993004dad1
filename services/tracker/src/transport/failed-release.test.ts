import { AllocationFlag, AllocationState, LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import type { TestTracker } from './tracker-server.fixture.js';
import { startTracker } from './tracker-server.fixture.js';

async function register({ api }: TestTracker): Promise<string> {
  const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' } });
  return allocation?.id ?? '';
}

onEachEngine(test, (engine, title) => {
  test(title('what could not be released leaks with the last reason until it is gone'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api, clock } = tracker;
    const id = await register(tracker);
    await api.confirmAllocation({ id });
    const first = await api.failRelease({ id, reason: 'exit code 3' });
    t.like(first.allocation, { state: AllocationState.ALLOCATED, deleteFailure: 'exit code 3' });
    t.deepEqual(first.allocation?.flags, [AllocationFlag.DELETE_FAILED]);
    await tracker.sweep();
    const [leak] = (await api.listLeaks({})).leaks;
    t.like(leak, { rule: LeakRule.DELETE_FAILED, allocationId: id, evidence: 'it could not be deleted: exit code 3' });
    const until = new Date(clock.now() + 3_600_000);
    await api.acknowledgeLeak({ leakId: leak?.id ?? '', until, reason: 'ann looks' });
    const same = await api.failRelease({ id, reason: 'exit code 3' });
    t.deepEqual(same.allocation?.history, first.allocation?.history, 'the same reason again changes nothing');
    const second = await api.failRelease({ id, reason: 'timed out' });
    t.deepEqual(
      second.allocation?.history.map(({ reason }) => reason),
      ['', '', 'could not be deleted: timed out'],
    );
    await tracker.sweep();
    const [later] = (await api.listLeaks({ includeAcknowledged: true })).leaks;
    t.is(later?.evidence, 'it could not be deleted: timed out');
    t.deepEqual(later?.firstSeen, leak?.firstSeen);
    t.is(later?.acknowledgement?.reason, 'ann looks');
    await api.confirmRelease({ id });
    await tracker.sweep();
    t.deepEqual((await api.listLeaks({ includeAcknowledged: true })).leaks, []);
  });

  test(title('an intent that could not be deleted leaks until it has failed, or is wanted after all'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api } = tracker;
    const [failed, confirmed, extended] = [await register(tracker), await register(tracker), await register(tracker)];
    const ids = [failed, confirmed, extended];
    await api.batchFailReleases({ requests: ids.map((id) => ({ id, reason: 'exit code 3' })) });
    await tracker.sweep();
    const { leaks } = await api.listLeaks({ rules: [LeakRule.DELETE_FAILED] });
    t.deepEqual(leaks.map(({ allocationId }) => allocationId).toSorted(), ids.toSorted());
    await api.failAllocation({ id: failed, reason: 'deleted in the end' });
    await api.confirmAllocation({ id: confirmed });
    const { allocation } = await api.extend({ id: extended, duration: { seconds: 3600, nanos: 0 } });
    t.is(allocation?.deleteFailure, '');
    await tracker.sweep();
    t.deepEqual((await api.listLeaks({})).leaks, []);
  });
});
