import { AllocationState, LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import { CollectAction } from '@berth/proto/berth/tracker/v1/collection';
import { onEachEngine, until } from '@berth/testkit';
import test from 'ava';
import { deleteCommand, dueAllocation, PAST_CLAIM_MS, planTo } from './collecting-process.fixture.js';
import { newPlace, startProcess } from './tracker-processes.fixture.js';
import { refused } from './tracker-server.fixture.js';

onEachEngine(test, (engine, title) => {
  for (const [failpoint, ran] of [
    ['tracker.deleteBegun', 0],
    ['tracker.deleteRan', 1],
  ] as const) {
    test.serial(title(`a collector that dies at ${failpoint} leaves a leak, not a second deletion`), async (t) => {
      const { config, keys } = deleteCommand(t);
      const place = newPlace(t, engine);
      const first = await startProcess(t, { place, config }, `${failpoint}:exit`);
      const id = await dueAllocation(first.api);
      const planId = await planTo(first.api, CollectAction.DELETE);
      await t.throwsAsync(first.api.applyPlan({ planId }, { retry: false }));
      await first.gone;
      t.is(keys().length, ran);

      const second = await startProcess(t, { place, config });
      const { outcomes } = await second.api.applyPlan({ planId });
      t.is(outcomes[0]?.outcome, 'FAILED');
      t.regex(outcomes[0]?.message ?? '', /was interrupted, and its command may have run, or not/);
      t.is(keys().length, ran, 'the same plan does not run it again');
      const extend = second.api.extend({ id, duration: { seconds: 60, nanos: 0 } });
      t.regex((await refused(t, extend)).message, /is being deleted right now/);
      const { leaks } = await second.api.listLeaks({});
      t.deepEqual(
        leaks.map(({ rule, allocationId }) => [rule, allocationId]),
        [[LeakRule.PAST_END, id]],
      );
      t.deepEqual((await second.api.planCollection({})).plan?.leftOut, [{ allocationId: id, reason: 'NOT_DUE' }]);
      await second.kill();

      const later = await startProcess(t, { place, config, aheadMs: PAST_CLAIM_MS });
      const failed = async () => (await later.api.listLeaks({ rules: [LeakRule.DELETE_FAILED] })).leaks[0];
      const leak = await until(failed, { what: 'the leak', timeoutMs: 30_000 });
      t.is(leak.allocationId, id);
      t.regex(leak.evidence, /nobody said how it ended/);
      const next = await planTo(later.api, CollectAction.DELETE);
      t.is((await later.api.applyPlan({ planId: next })).outcomes[0]?.outcome, 'DONE');
      t.is((await later.api.getAllocation({ id })).allocation?.state, AllocationState.RELEASED);
      t.is(keys().length, ran + 1);
      t.is(new Set(keys()).size, 1, 'each time with the same key');
      t.true(keys()[0]?.startsWith(id));
      const none = async () => (await later.api.listLeaks({})).leaks.length === 0;
      await until(none, { what: 'no leak any more' });
    });
  }

  test.serial(title('a collector that dies before it has noted what it did answers for it all the same'), async (t) => {
    const { config, keys } = deleteCommand(t);
    const place = newPlace(t, engine);
    const first = await startProcess(t, { place, config }, 'tracker.itemCollected:exit@3');
    const id = await dueAllocation(first.api);
    const planId = await planTo(first.api, CollectAction.DELETE);
    await t.throwsAsync(first.api.applyPlan({ planId }, { retry: false }));
    await first.gone;
    const second = await startProcess(t, { place, config });
    const { outcomes } = await second.api.applyPlan({ planId });
    t.deepEqual(
      outcomes.map(({ allocationId, outcome }) => [allocationId, outcome]),
      [[id, 'DONE']],
    );
    t.is(keys().length, 1);
  });
});
