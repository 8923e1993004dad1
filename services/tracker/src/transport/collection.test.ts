import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AllocationState, LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import type { CollectionPlan } from '@berth/proto/berth/tracker/v1/collection';
import { CollectAction } from '@berth/proto/berth/tracker/v1/collection';
import { onEachEngine, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { TestTracker } from './tracker-server.fixture.js';
import { refused, startTracker } from './tracker-server.fixture.js';

const GRACE_MS = 1000;
const DELETES = { graceMs: GRACE_MS, maxPercent: 100, kinds: { vm: { releaseWithoutCommand: true } } };

/** Allocations that are past their end. */
async function leaking(
  { api, clock }: TestTracker,
  count: number,
  owner = (_: number) => 'ann',
): Promise<readonly string[]> {
  const expectedEnd = new Date(clock.now() + 1);
  const requests = Array.from({ length: count }, (_, i) => ({
    allocation: { kind: 'vm', owner: owner(i), expectedEnd, externalId: `vm-${i}` },
  }));
  const { results } = await api.batchRegisterIntents({ requests });
  const ids = results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
  await api.batchConfirmAllocations({ requests: ids.map((id) => ({ id })) });
  return ids;
}

async function plan({ api }: TestTracker, max?: number): Promise<CollectionPlan> {
  const { plan: made } = await api.planCollection(max === undefined ? {} : { maxDeletions: max });
  if (made === undefined) throw new Error('no plan came back');
  return made;
}

async function applied(tracker: TestTracker): Promise<readonly string[]> {
  const { id } = await plan(tracker);
  return (await tracker.api.applyPlan({ planId: id })).outcomes.map(({ outcome }) => outcome);
}

/** Brings all that leaks to where deleting it comes next. */
async function untilDue(tracker: TestTracker): Promise<void> {
  await tracker.sweep();
  await applied(tracker);
  await applied(tracker);
  tracker.clock.advance(GRACE_MS);
}

async function stateOf({ api }: TestTracker, id: string): Promise<AllocationState | undefined> {
  return (await api.getAllocation({ id })).allocation?.state;
}

function outputFile(t: ExecutionContext): string {
  return join(tempFolder(t), 'out');
}

onEachEngine(test, (engine, title) => {
  test(title('one step a cycle: marked, its owner told, deleted when due; a plan alone changes nothing'), async (t) => {
    const tracker = await startTracker(t, engine, { config: { collect: DELETES } });
    const [id = ''] = await leaking(tracker, 1);
    await tracker.sweep();
    for (const action of [CollectAction.MARK, CollectAction.NOTIFY]) {
      const before = (await tracker.api.getAllocation({ id })).allocation;
      t.deepEqual(
        (await plan(tracker)).items.map((item) => item.action),
        [action],
      );
      t.deepEqual((await tracker.api.getAllocation({ id })).allocation, before);
      t.deepEqual(await applied(tracker), ['DONE']);
    }
    t.deepEqual((await plan(tracker)).leftOut, [{ allocationId: id, reason: 'NOT_DUE' }]);
    tracker.clock.advance(GRACE_MS);
    const { id: planId } = await plan(tracker);
    const first = await tracker.api.applyPlan({ planId });
    t.deepEqual(
      first.outcomes.map(({ outcome }) => outcome),
      ['DONE'],
    );
    t.deepEqual(await tracker.api.applyPlan({ planId }), first);
    t.is(await stateOf(tracker, id), AllocationState.RELEASED);
  });

  test(title('of 50 candidates a cap of 10 deletes 10, and says why not the others'), async (t) => {
    const tracker = await startTracker(t, engine, {
      config: { collect: { ...DELETES, maxPerCycle: 10, maxPerOwner: 50 } },
    });
    const ids = await leaking(tracker, 50);
    await untilDue(tracker);
    const { items, leftOut } = await plan(tracker);
    t.is(items.length, 10);
    t.deepEqual([...new Set(leftOut.map(({ reason }) => reason))], ['CAP_CYCLE']);
    t.is((await plan(tracker, 3)).items.length, 3);
    t.is((await plan(tracker, 30)).items.length, 10, 'a request does not raise the cap');
    await applied(tracker);
    const states = await Promise.all(ids.map((id) => stateOf(tracker, id)));
    t.is(states.filter((state) => state === AllocationState.RELEASED).length, 10);
  });

  for (const [cap, reason, most] of [
    [{ maxPerOwner: 2 }, 'CAP_OWNER', 4],
    [{ maxPercent: 30 }, 'CAP_PERCENT', 6],
    [{ maxPercent: 1 }, 'CAP_PERCENT', 1],
    [{ maxPercent: 0 }, 'CAP_PERCENT', 0],
  ] as const) {
    test(title(`of 20 of two owners ${JSON.stringify(cap)} lets ${most} be deleted`), async (t) => {
      const collect = { ...DELETES, maxPerCycle: 100, maxPerOwner: 100, ...cap };
      const tracker = await startTracker(t, engine, { config: { collect } });
      await leaking(tracker, 20, (i) => (i % 2 === 0 ? 'ann' : 'bob'));
      await untilDue(tracker);
      const { items, leftOut } = await plan(tracker);
      t.is(items.length, most);
      t.deepEqual([...new Set(leftOut.map((left) => left.reason))], [reason]);
    });
  }

  test(title('what changed between plan and apply is skipped'), async (t) => {
    const tracker = await startTracker(t, engine, { config: { collect: DELETES } });
    const [changed = '', other = ''] = await leaking(tracker, 2);
    await untilDue(tracker);
    const { id: planId, items } = await plan(tracker);
    t.is(items.length, 2);
    await tracker.api.setProtection({ id: changed, protected: true });
    const { outcomes } = await tracker.api.applyPlan({ planId });
    const of = (id: string) => outcomes.find(({ allocationId }) => allocationId === id)?.outcome;
    t.is(of(changed), 'SKIPPED_CHANGED');
    t.is(of(other), 'DONE');
    t.is(await stateOf(tracker, changed), AllocationState.ALLOCATED);
    t.deepEqual((await plan(tracker)).leftOut, [{ allocationId: changed, reason: 'PROTECTED' }]);
  });

  test(
    title('what does not leak any more, or is taken on by somebody, is not collected although its etag is the same'),
    async (t) => {
      const gone = new Set(['ticket/1', 'ticket/2']);
      const parents = { look: () => Promise.resolve({ gone, unknown: new Set<string>() }) };
      const tracker = await startTracker(t, engine, { parents: { ticket: parents }, config: { collect: DELETES } });
      const ids: string[] = [];
      for (const parent of gone) {
        const { allocation } = await tracker.api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', parent } });
        await tracker.api.confirmAllocation({ id: allocation?.id ?? '' });
        ids.push(allocation?.id ?? '');
      }
      await untilDue(tracker);
      const { id: planId, items } = await plan(tracker);
      t.is(items.length, 2);
      gone.delete('ticket/1');
      const until = new Date(tracker.clock.now() + 60_000);
      await tracker.api.acknowledgeLeak({ leakId: `L4-${ids[1] ?? ''}`, until, reason: 'mine' });
      const { outcomes } = await tracker.api.applyPlan({ planId });
      t.deepEqual(
        outcomes.map(({ outcome }) => outcome),
        ['SKIPPED_NOT_QUALIFIED', 'SKIPPED_NOT_QUALIFIED'],
      );
      for (const id of ids) t.is(await stateOf(tracker, id), AllocationState.ALLOCATED);
    },
  );

  test(title('a mark does not outlast its leak: what leaks again is marked again'), async (t) => {
    const tracker = await startTracker(t, engine, { config: { collect: DELETES } });
    const [id = ''] = await leaking(tracker, 1);
    await untilDue(tracker);
    await tracker.api.extend({ id, duration: { seconds: 60, nanos: 0 } });
    await tracker.sweep();
    t.deepEqual((await plan(tracker)).items, []);
    tracker.clock.advance(60_000);
    await tracker.sweep();
    t.deepEqual(
      (await plan(tracker)).items.map(({ action }) => action),
      [CollectAction.MARK],
    );
  });

  test(title('a kind without command is only marked'), async (t) => {
    const tracker = await startTracker(t, engine, { config: { collect: { graceMs: GRACE_MS } } });
    const [id = ''] = await leaking(tracker, 1);
    await untilDue(tracker);
    t.deepEqual((await plan(tracker)).leftOut, [{ allocationId: id, reason: 'NO_COMMAND' }]);
  });

  test(title('commands get to know the allocation, and a failed deletion is listed and tried again'), async (t) => {
    const file = outputFile(t);
    const told = `echo "$0 $BERTH_ALLOCATION_ID $BERTH_ALLOCATION_KIND $BERTH_ALLOCATION_OWNER $BERTH_ALLOCATION_EXTERNAL_ID" >> ${file}`;
    const once = `test -e ${file}.tried || { touch ${file}.tried; echo no such disk >&2; exit 3; }`;
    const vm = { delete: ['sh', '-c', `${once}; ${told}`, 'delete'], notify: told };
    const tracker = await startTracker(t, engine, { config: { collect: { graceMs: GRACE_MS, kinds: { vm } } } });
    const [id = ''] = await leaking(tracker, 1);
    await untilDue(tracker);
    t.is(readFileSync(file, 'utf8'), `sh ${id} vm ann vm-0\n`);
    const { id: planId } = await plan(tracker);
    const { outcomes } = await tracker.api.applyPlan({ planId });
    t.is(outcomes[0]?.outcome, 'FAILED');
    t.true(outcomes[0]?.message.includes('code 3: no such disk'), outcomes[0]?.message);
    const { leaks } = await tracker.api.listLeaks({ rules: [LeakRule.DELETE_FAILED] });
    t.deepEqual(
      leaks.map(({ allocationId }) => allocationId),
      [id],
    );
    await tracker.sweep();
    t.is((await tracker.api.listLeaks({ rules: [LeakRule.DELETE_FAILED] })).leaks.length, 1);
    t.deepEqual(await applied(tracker), ['DONE']);
    t.is(await stateOf(tracker, id), AllocationState.RELEASED);
    t.true(readFileSync(file, 'utf8').endsWith(`delete ${id} vm ann vm-0\n`));
    await tracker.sweep();
    t.deepEqual((await tracker.api.listLeaks({})).leaks, []);
  });

  test(title('what its owner keeps after a failed deletion does not leak any more'), async (t) => {
    const vm = { delete: 'exit 3', notify: 'true' };
    const tracker = await startTracker(t, engine, { config: { collect: { graceMs: GRACE_MS, kinds: { vm } } } });
    const [id = ''] = await leaking(tracker, 1);
    await untilDue(tracker);
    t.deepEqual(await applied(tracker), ['FAILED']);
    const { allocation } = await tracker.api.extend({ id, duration: { seconds: 60, nanos: 0 } });
    t.deepEqual(allocation?.flags, []);
    t.is(allocation?.history.at(-1)?.reason, 'could not be deleted: ended with code 3');
    await tracker.sweep();
    t.deepEqual((await tracker.api.listLeaks({})).leaks, []);
    t.deepEqual((await plan(tracker)).items, []);
  });

  test(title('an overdue intent that is collected has FAILED'), async (t) => {
    const tracker = await startTracker(t, engine, { config: { collect: DELETES } });
    const timeout = { seconds: 1, nanos: 0 };
    const { allocation } = await tracker.api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' }, timeout });
    await untilDue(tracker);
    t.deepEqual(await applied(tracker), ['DONE']);
    t.is(await stateOf(tracker, allocation?.id ?? ''), AllocationState.FAILED);
  });

  test(title('an unknown plan is NOT_FOUND'), async (t) => {
    const { api } = await startTracker(t, engine);
    t.is((await refused(t, api.applyPlan({ planId: 'cp-none' }))).reason, 'NO_SUCH_PLAN');
  });
});
