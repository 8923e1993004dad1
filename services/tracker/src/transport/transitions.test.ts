import { AllocationFlag, AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import type { TestTracker } from './tracker-server.fixture.js';
import { refused, startTracker } from './tracker-server.fixture.js';

type State = 'INTENT' | 'ALLOCATED' | 'RELEASED' | 'FAILED';
type Deed = 'confirm' | 'fail' | 'release' | 'failRelease' | 'extend' | 'protect';

const STATES: readonly State[] = ['INTENT', 'ALLOCATED', 'RELEASED', 'FAILED'];
const HOUR = { seconds: 3600, nanos: 0 };

/** What each command leads to from each state; the others are illegal. */
const LEGAL: Readonly<Record<Deed, Partial<Record<State, State>>>> = {
  confirm: { INTENT: 'ALLOCATED', ALLOCATED: 'ALLOCATED' },
  fail: { INTENT: 'FAILED', FAILED: 'FAILED' },
  release: { ALLOCATED: 'RELEASED', RELEASED: 'RELEASED' },
  failRelease: { INTENT: 'INTENT', ALLOCATED: 'ALLOCATED' },
  extend: { INTENT: 'INTENT', ALLOCATED: 'ALLOCATED' },
  protect: { INTENT: 'INTENT', ALLOCATED: 'ALLOCATED' },
};

async function register({ api }: TestTracker): Promise<string> {
  const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' } });
  return allocation?.id ?? '';
}

async function run({ api }: TestTracker, deed: Deed, id: string) {
  switch (deed) {
    case 'confirm':
      return (await api.confirmAllocation({ id })).allocation;
    case 'fail':
      return (await api.failAllocation({ id, reason: 'no room' })).allocation;
    case 'release':
      return (await api.confirmRelease({ id })).allocation;
    case 'failRelease':
      return (await api.failRelease({ id, reason: 'exit code 3' })).allocation;
    case 'extend':
      return (await api.extend({ id, duration: HOUR })).allocation;
    case 'protect':
      return (await api.setProtection({ id, protected: true })).allocation;
  }
}

/** A new allocation in a state. */
async function allocationIn(tracker: TestTracker, state: State): Promise<string> {
  const id = await register(tracker);
  if (state === 'ALLOCATED' || state === 'RELEASED') await run(tracker, 'confirm', id);
  if (state === 'RELEASED') await run(tracker, 'release', id);
  if (state === 'FAILED') await run(tracker, 'fail', id);
  return id;
}

onEachEngine(test, (engine, title) => {
  test(
    title('every legal transition is made, and every illegal one names the state and changes nothing'),
    async (t) => {
      const tracker = await startTracker(t, engine);
      for (const deed of Object.keys(LEGAL) as Deed[]) {
        for (const state of STATES) {
          const id = await allocationIn(tracker, state);
          const before = (await tracker.api.getAllocation({ id })).allocation;
          const to = LEGAL[deed][state];
          if (to !== undefined) {
            t.is((await run(tracker, deed, id))?.state, AllocationState[to], `${deed} from ${state}`);
            continue;
          }
          const error = await refused(t, run(tracker, deed, id));
          t.is(error.reason, 'ILLEGAL_TRANSITION', `${deed} from ${state}`);
          t.is(error.details.metadata?.['state'], state);
          t.true(error.message.includes(state), error.message);
          t.deepEqual((await tracker.api.getAllocation({ id })).allocation, before);
        }
      }
    },
  );

  test(title('an unknown id is NOT_FOUND for every command'), async (t) => {
    const tracker = await startTracker(t, engine);
    for (const deed of Object.keys(LEGAL) as Deed[]) {
      t.is((await refused(t, run(tracker, deed, 'al-nothing'))).reason, 'NO_SUCH_ALLOCATION', deed);
    }
    t.is((await refused(t, tracker.api.getAllocation({ id: 'al-nothing' }))).reason, 'NO_SUCH_ALLOCATION');
  });

  test(title('a repeat with the same request id answers as before, also when things have moved on'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api } = tracker;
    const intent = { allocation: { kind: 'vm', owner: 'ann' }, requestId: 'r-1' };
    const { allocation } = await api.registerIntent(intent);
    t.is((await api.registerIntent(intent)).allocation?.id, allocation?.id);
    const id = allocation?.id ?? '';
    const confirmed = await api.confirmAllocation({ id, externalId: 'vm-1', requestId: 'r-2' });
    t.deepEqual(await api.confirmAllocation({ id, externalId: 'vm-1', requestId: 'r-2' }), confirmed);
    await api.confirmRelease({ id });
    const late = await api.confirmAllocation({ id, externalId: 'vm-1', requestId: 'r-2' });
    t.is(late.allocation?.state, AllocationState.RELEASED);
    const failed = await register(tracker);
    const undeleted = await api.failRelease({ id: failed, reason: 'busy', requestId: 'r-3' });
    await api.confirmAllocation({ id: failed });
    const repeated = await api.failRelease({ id: failed, reason: 'busy', requestId: 'r-3' });
    t.deepEqual(undeleted.allocation?.flags, [AllocationFlag.DELETE_FAILED]);
    t.deepEqual(repeated.allocation?.flags, [], 'what was confirmed later is not flagged again');
  });

  test(title('a request id that comes back with another payload, caller or command is refused'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api } = tracker;
    const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' }, requestId: 'r-1' });
    const id = allocation?.id ?? '';
    await api.confirmAllocation({ id, requestId: 'r-2' });
    const other = await register(tracker);
    const bob = tracker.as('bob', 'operator');
    for (const call of [
      api.registerIntent({ allocation: { kind: 'volume', owner: 'ann' }, requestId: 'r-1' }),
      bob.registerIntent({ allocation: { kind: 'vm', owner: 'ann' }, requestId: 'r-1' }),
      api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' }, requestId: 'r-2' }),
      api.confirmAllocation({ id, externalId: 'x', requestId: 'r-2' }),
      api.confirmAllocation({ id: other, requestId: 'r-2' }),
      api.failAllocation({ id: other, reason: 'x', requestId: 'r-1' }),
      api.failRelease({ id, reason: 'x', requestId: 'r-2' }),
    ]) {
      t.is((await refused(t, call)).reason, 'REQUEST_ID_REUSED');
    }
    t.is((await api.getAllocation({ id: other })).allocation?.state, AllocationState.INTENT);
  });

  test(title('an outcome after the deadline is accepted and flagged'), async (t) => {
    const { api, clock } = await startTracker(t, engine);
    const { allocation } = await api.registerIntent({
      allocation: { kind: 'vm', owner: 'ann' },
      timeout: { seconds: 2, nanos: 0 },
    });
    clock.advance(2001);
    const confirmed = await api.confirmAllocation({ id: allocation?.id ?? '' });
    t.is(confirmed.allocation?.state, AllocationState.ALLOCATED);
    t.deepEqual(confirmed.allocation?.flags, [AllocationFlag.LATE]);
  });

  test(title('of concurrent confirms and fails on one id exactly one wins'), async (t) => {
    const tracker = await startTracker(t, engine);
    for (let round = 0; round < 5; round += 1) {
      const id = await register(tracker);
      const calls = Array.from({ length: 16 }, (_, i) =>
        i % 2 === 0
          ? tracker.api.confirmAllocation({ id, externalId: `vm-${i}` })
          : tracker.api.failAllocation({ id, reason: `no ${i}` }),
      );
      const outcomes = await Promise.allSettled(calls);
      const { allocation } = await tracker.api.getAllocation({ id });
      const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.allocation] : []));
      t.true(won.length >= 1);
      t.is(allocation?.history.length, 2, 'it left INTENT once');
      // Who failed it second says the same as who failed it first; who confirmed it by another name does not.
      for (const winner of won) t.is(winner?.state, allocation?.state);
      if (allocation?.state === AllocationState.ALLOCATED) t.is(won.length, 1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') t.is((outcome.reason as { reason: string }).reason, 'ILLEGAL_TRANSITION');
      }
    }
  });

  test(title('an etag that is stale changes nothing'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api } = tracker;
    const id = await register(tracker);
    const etag = (await api.getAllocation({ id })).allocation?.etag ?? '';
    await api.extend({ id, duration: HOUR, etag });
    const before = (await api.getAllocation({ id })).allocation;
    t.not(before?.etag, etag);
    t.is((await refused(t, api.extend({ id, duration: HOUR, etag }))).reason, 'STALE_ETAG');
    t.is((await refused(t, api.setProtection({ id, protected: true, etag }))).reason, 'STALE_ETAG');
    t.is((await refused(t, api.failRelease({ id, reason: 'busy', etag }))).reason, 'STALE_ETAG');
    t.deepEqual((await api.getAllocation({ id })).allocation, before);
  });

  test(title('users write their own, viewers nothing, operators all'), async (t) => {
    const tracker = await startTracker(t, engine);
    const bob = tracker.as('bob', 'user');
    const viewer = tracker.as('ann', 'viewer');
    const id = await register(tracker);
    for (const call of [
      bob.registerIntent({ allocation: { kind: 'vm', owner: 'ann' } }),
      bob.confirmAllocation({ id }),
      bob.failRelease({ id, reason: 'busy' }),
      bob.setProtection({ id, protected: true }),
      bob.releaseByAttributes({ owner: 'ann', kind: 'vm', externalId: 'x' }),
      bob.planCollection({}),
      viewer.confirmAllocation({ id }),
      viewer.failRelease({ id, reason: 'busy' }),
      viewer.registerIntent({ allocation: { kind: 'vm', owner: 'ann' } }),
    ]) {
      t.is((await refused(t, call)).reason, 'PERMISSION_DENIED');
    }
    t.is((await viewer.getAllocation({ id })).allocation?.state, AllocationState.INTENT);
    const own = await bob.registerIntent({ allocation: { kind: 'vm', owner: 'bob' } });
    await bob.confirmAllocation({ id: own.allocation?.id ?? '' });
    const released = await tracker.api.confirmRelease({ id: own.allocation?.id ?? '' });
    t.is(released.allocation?.state, AllocationState.RELEASED);
  });

  test(
    title('a release by attributes needs exactly one match, and its repeat answers with what it released'),
    async (t) => {
      const { api } = await startTracker(t, engine);
      const ids: string[] = [];
      for (let i = 0; i < 2; i += 1) {
        const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' } });
        await api.confirmAllocation({ id: allocation?.id ?? '', externalId: 'vm-7' });
        ids.push(allocation?.id ?? '');
      }
      const call = { owner: 'ann', kind: 'vm', externalId: 'vm-7', requestId: 'r-1' };
      const error = await refused(t, api.releaseByAttributes(call));
      t.is(error.reason, 'NOT_ONE_MATCH');
      t.is(error.details.metadata?.['count'], '2');
      await api.confirmRelease({ id: ids[0] ?? '' });
      t.is((await api.releaseByAttributes(call)).allocation?.id, ids[1]);
      const { allocation: next } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' } });
      await api.confirmAllocation({ id: next?.id ?? '', externalId: 'vm-7' });
      t.is((await api.releaseByAttributes(call)).allocation?.id, ids[1]);
      t.is((await api.getAllocation({ id: next?.id ?? '' })).allocation?.state, AllocationState.ALLOCATED);
    },
  );

  test(title('a closed group takes nothing more, and closing it otherwise is illegal'), async (t) => {
    const { api } = await startTracker(t, engine);
    const { group } = await api.openGroup({ owner: 'ann', requestId: 'g-1' });
    t.is((await api.openGroup({ owner: 'ann', requestId: 'g-1' })).group?.id, group?.id);
    const id = group?.id ?? '';
    const intent = { allocation: { kind: 'vm', owner: 'ann', group: id }, requestId: 'r-1' };
    const first = await api.registerIntent(intent);
    t.is((await api.closeGroup({ id, success: false })).live, 1);
    t.is((await api.closeGroup({ id, success: false })).live, 1);
    t.is((await refused(t, api.closeGroup({ id, success: true }))).reason, 'ILLEGAL_TRANSITION');
    t.is((await refused(t, api.registerIntent({ ...intent, requestId: 'r-2' }))).reason, 'GROUP_CLOSED');
    t.is((await api.registerIntent(intent)).allocation?.id, first.allocation?.id, 'a repeat is no new one');
    const unknown = { allocation: { kind: 'vm', owner: 'ann', group: 'gr-none' } };
    t.is((await refused(t, api.registerIntent(unknown))).reason, 'NO_SUCH_GROUP');
    t.is((await refused(t, api.closeGroup({ id: 'gr-none' }))).reason, 'NO_SUCH_GROUP');
  });
});
