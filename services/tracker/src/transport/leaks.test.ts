import { AllocationFlag, AllocationState, LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import type { LookedUp } from '../ports/parent-check.js';
import type { TestTracker } from './tracker-server.fixture.js';
import { refused, startTracker } from './tracker-server.fixture.js';

const SECOND = { seconds: 1, nanos: 0 };

async function allocate({ api }: TestTracker, fields: Parameters<typeof api.registerIntent>[0]['allocation'] = {}) {
  const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', ...fields } });
  const id = allocation?.id ?? '';
  await api.confirmAllocation({ id });
  return id;
}

async function leaks({ api }: TestTracker): Promise<readonly (readonly [LeakRule, string])[]> {
  const listed = await api.listLeaks({});
  return listed.leaks.map(({ rule, allocationId, externalId }) => [rule, allocationId || externalId]);
}

onEachEngine(test, (engine, title) => {
  test(
    title('an intent whose client died is listed within its deadline and one sweep; its late outcome ends that'),
    async (t) => {
      const tracker = await startTracker(t, engine);
      const timeout = { seconds: 2, nanos: 0 };
      const { allocation } = await tracker.api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' }, timeout });
      const id = allocation?.id ?? '';
      tracker.clock.advance(1000);
      t.deepEqual(await leaks(tracker), []);
      await tracker.sweep();
      t.deepEqual(await leaks(tracker), [[LeakRule.INTENT_OVERDUE, id]]);
      const [first] = (await tracker.api.listLeaks({})).leaks;
      await tracker.sweep();
      const [same] = (await tracker.api.listLeaks({})).leaks;
      t.deepEqual(same?.firstSeen, first?.firstSeen);
      t.true((first?.firstSeen?.getTime() ?? 0) <= (allocation?.deadline?.getTime() ?? 0) + 10_000);
      t.not(first?.evidence, '');
      t.not(first?.proposedAction, '');
      const late = await tracker.api.confirmAllocation({ id });
      t.deepEqual(late.allocation?.flags, [AllocationFlag.LATE]);
      await tracker.sweep();
      t.deepEqual(await leaks(tracker), []);
    },
  );

  test(
    title('what is ALLOCATED in a failed group, past its end, or without its parent leaks until it is released'),
    async (t) => {
      const gone = new Set<string>();
      const parents = {
        look: (names: readonly string[]) =>
          Promise.resolve({ gone: new Set(names.filter((name) => gone.has(name))), unknown: new Set<string>() }),
      };
      const tracker = await startTracker(t, engine, { parents: { lease: parents } });
      const { api, clock } = tracker;
      const { group } = await api.openGroup({ owner: 'ann' });
      const inGroup = await allocate(tracker, { group: group?.id ?? '' });
      const pastEnd = await allocate(tracker, { expectedEnd: new Date(clock.now() + 1000) });
      const orphan = await allocate(tracker, { parent: 'lease/default/ls-1' });
      await allocate(tracker);
      await api.closeGroup({ id: group?.id ?? '', success: false });
      gone.add('lease/default/ls-1');
      await tracker.sweep();
      const expected = new Set([
        `${String(LeakRule.GROUP_FAILED)} ${inGroup}`,
        `${String(LeakRule.PAST_END)} ${pastEnd}`,
        `${String(LeakRule.PARENT_GONE)} ${orphan}`,
      ]);
      t.deepEqual(new Set((await leaks(tracker)).map(([rule, id]) => `${String(rule)} ${id}`)), expected);
      await api.confirmRelease({ id: inGroup });
      await api.extend({ id: pastEnd, duration: { seconds: 3600, nanos: 0 } });
      gone.clear();
      await tracker.sweep();
      t.deepEqual(await leaks(tracker), []);
    },
  );

  test(
    title('when parents of a kind cannot be looked up, what is known of them stays, and others are looked up'),
    async (t) => {
      const gone = new Set(['lease/default/ls-1', 'ticket/1']);
      const answer = (): Promise<LookedUp> => Promise.resolve({ gone, unknown: new Set() });
      const lease = { look: answer };
      const tracker = await startTracker(t, engine, { parents: { lease, ticket: { look: answer } } });
      const ofLease = await allocate(tracker, { parent: 'lease/default/ls-1' });
      const ofTicket = await allocate(tracker, { parent: 'ticket/1' });
      await allocate(tracker, { parent: 'ticket/3' });
      const found = async () => (await leaks(tracker)).map(([rule, id]) => `${String(rule)} ${id}`).toSorted();
      const leak = (id: string) => `${String(LeakRule.PARENT_GONE)} ${id}`;
      await tracker.sweep();
      t.deepEqual(await found(), [leak(ofLease), leak(ofTicket)].toSorted());
      lease.look = () => Promise.reject(new Error('the lease service does not answer'));
      gone.clear();
      await tracker.sweep();
      t.deepEqual(await found(), [leak(ofLease)], 'the ticket is there again; of the lease nobody knows');
      const late = await allocate(tracker, { parent: 'ticket/2' });
      gone.add('ticket/2');
      await tracker.sweep();
      t.deepEqual(await found(), [leak(ofLease), leak(late)].toSorted());
    },
  );

  test(title('a parent that cannot be looked up keeps its own leak as it was, and no other'), async (t) => {
    const gone = new Set(['lease/default/ls-1', 'lease/default/ls-2']);
    const unknown = new Set<string>();
    const tracker = await startTracker(t, engine, {
      parents: { lease: { look: () => Promise.resolve({ gone, unknown }) } },
    });
    const first = await allocate(tracker, { parent: 'lease/default/ls-1' });
    await allocate(tracker, { parent: 'lease/default/ls-2' });
    await tracker.sweep();
    t.is((await leaks(tracker)).length, 2);
    gone.clear();
    unknown.add('lease/default/ls-1');
    gone.add('lease/default/ls-3');
    const third = await allocate(tracker, { parent: 'lease/default/ls-3' });
    await tracker.sweep();
    t.deepEqual((await leaks(tracker)).map(([, id]) => id).toSorted(), [first, third].toSorted());
  });

  test(title('a parent that nobody could be asked about is refused'), async (t) => {
    const { api } = await startTracker(t, engine);
    const bad = [
      'lease/Lab_1/x',
      'lease/default',
      'lease//ls-1',
      'lease/a/b/c',
      'ticket/0',
      'ticket/x',
      'ticket/',
      'anything',
      '/1',
    ];
    for (const parent of [...bad, 'Ticket/1', 'vm/1', 'leases/default/ls-1', 'toString/1']) {
      const error = await refused(t, api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', parent } }));
      t.is(error.reason, 'INVALID_FIELD', parent);
      t.is(error.details.fields?.[0]?.field, 'allocation.parent');
    }
    for (const parent of ['lease/lab-1/ls-1', 'ticket/1', 'ticket/999999']) {
      await t.notThrowsAsync(api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', parent } }));
    }
  });

  test(title('a sweep looks each parent up once, 250 at a time, and finds all whose parent is gone'), async (t) => {
    const looks: (readonly string[])[] = [];
    const gone = new Set<string>();
    const parents = {
      look: (names: readonly string[]) => {
        looks.push(names);
        return Promise.resolve({ gone, unknown: new Set<string>() });
      },
    };
    const tracker = await startTracker(t, engine, { parents: { lease: parents } });
    const { api } = tracker;
    const requests = Array.from({ length: 2500 }, (_, n) => ({
      allocation: { kind: 'lease', owner: 'ann', parent: `lease/default/ls-${n}` },
    }));
    const { results } = await api.batchRegisterIntents({ requests });
    const ids = results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
    await api.batchConfirmAllocations({ requests: ids.map((id) => ({ id })) });
    looks.length = 0;
    gone.add('lease/default/ls-7').add('lease/default/ls-2400');
    await tracker.sweep();
    t.true(looks.length === 10 || looks.length === 20, `${looks.length} looks in one sweep, or in two`);
    t.deepEqual(new Set(looks.map(({ length }) => length)), new Set([250]));
    t.deepEqual(looks.slice(-10).flat().toSorted(), requests.map(({ allocation }) => allocation.parent).toSorted());
    t.deepEqual((await leaks(tracker)).map(([, id]) => id).toSorted(), [ids[7] ?? '', ids[2400] ?? ''].toSorted());
  });

  test(
    title('a report shows what is unknown here and what is missing there; the next one takes it back'),
    async (t) => {
      const tracker = await startTracker(t, engine);
      const { api, clock } = tracker;
      const ids: string[] = [];
      for (const externalId of ['vm-1', 'vm-2']) ids.push(await allocate(tracker, { externalId }));
      clock.advance(61_000);
      await allocate(tracker, { externalId: 'vm-new' });
      const report = { kind: 'vm', provider: 'cloud', externalIds: ['vm-1', 'vm-9'], requestId: 'rep-1' };
      const counts = { known: 1, unknown: 1, missing: 1 };
      t.deepEqual(await api.reportSeen(report), counts, 'what was confirmed only just now is not missed');
      t.deepEqual(await api.reportSeen(report), counts);
      await tracker.sweep();
      t.deepEqual(
        new Set((await leaks(tracker)).map(([rule, thing]) => `${String(rule)} ${thing}`)),
        new Set([`${String(LeakRule.UNKNOWN_HERE)} vm-9`, `${String(LeakRule.MISSING_THERE)} ${ids[1] ?? ''}`]),
      );
      await api.reportSeen({ kind: 'vm', provider: 'cloud', externalIds: ['vm-1', 'vm-2', 'vm-new'] });
      t.deepEqual(await leaks(tracker), []);
    },
  );

  test(title('with several providers of a kind, one that says its provider is missed there only'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api, clock } = tracker;
    const there = await allocate(tracker, { externalId: 'vm-1', attributes: { provider: 'east' } });
    await allocate(tracker, { externalId: 'vm-2' });
    clock.advance(61_000);
    t.is((await api.reportSeen({ kind: 'vm', provider: 'west', externalIds: ['vm-2'] })).missing, 0);
    t.is((await api.reportSeen({ kind: 'vm', provider: 'east', externalIds: [] })).missing, 1);
    t.deepEqual(await leaks(tracker), [[LeakRule.MISSING_THERE, there]]);
  });

  test(title('a report of 0 of 500 known is refused and concludes nothing, unless it is forced'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api, clock } = tracker;
    const requests = Array.from({ length: 500 }, (_, i) => ({
      allocation: { kind: 'vm', owner: 'ann', externalId: `vm-${i}` },
    }));
    const { results } = await api.batchRegisterIntents({ requests });
    const ids = results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
    await api.batchConfirmAllocations({ requests: ids.map((id) => ({ id })) });
    clock.advance(61_000);
    const error = await refused(t, api.reportSeen({ kind: 'vm', provider: 'cloud', externalIds: [] }));
    t.is(error.reason, 'REPORT_IMPLAUSIBLE');
    t.deepEqual(error.details.metadata, { seen: '0', known: '500' });
    t.deepEqual(await leaks(tracker), []);
    const forced = await api.reportSeen({ kind: 'vm', provider: 'cloud', externalIds: [], force: true });
    t.is(forced.missing, 500);
  });

  test(title('an acknowledged leak is hidden until then, and only what leaks can be acknowledged'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api, clock } = tracker;
    await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' }, timeout: SECOND });
    await tracker.sweep();
    const leakId = (await api.listLeaks({})).leaks[0]?.id ?? '';
    const until = new Date(clock.now() + 60_000);
    const { leak } = await api.acknowledgeLeak({ leakId, until, reason: 'I look into it' });
    t.is(leak?.acknowledgement?.actor?.name, 'ann');
    t.deepEqual(await leaks(tracker), []);
    t.is((await api.listLeaks({ includeAcknowledged: true })).leaks.length, 1);
    clock.advance(60_000);
    t.is((await leaks(tracker)).length, 1);
    const unknown = api.acknowledgeLeak({ leakId: 'L1-no', until: new Date(clock.now() + 1000), reason: 'x' });
    t.is((await refused(t, unknown)).reason, 'NO_SUCH_LEAK');
    t.is((await refused(t, api.acknowledgeLeak({ leakId, until, reason: 'x' }))).reason, 'INVALID_FIELD');
  });

  test(title('leaks are listed by rule, owner and kind, in pages'), async (t) => {
    const tracker = await startTracker(t, engine);
    for (const owner of ['ann', 'bob']) {
      for (const kind of ['vm', 'volume'])
        await tracker.api.registerIntent({ allocation: { kind, owner }, timeout: SECOND });
    }
    await tracker.sweep();
    const { api } = tracker;
    t.is((await api.listLeaks({ owner: 'bob' })).leaks.length, 2);
    t.is((await api.listLeaks({ owner: 'bob', kind: 'vm' })).leaks.length, 1);
    t.is((await api.listLeaks({ rules: [LeakRule.PAST_END] })).leaks.length, 0);
    const first = await api.listLeaks({ pageSize: 3 });
    const second = await api.listLeaks({ pageSize: 3, pageToken: first.nextPageToken });
    t.is(new Set([...first.leaks, ...second.leaks].map(({ id }) => id)).size, 4);
    t.is(second.nextPageToken, '');
  });

  test(title('an allocation that leaked is as it was'), async (t) => {
    const tracker = await startTracker(t, engine);
    const id = await allocate(tracker, { expectedEnd: new Date(tracker.clock.now() + 1) });
    const before = (await tracker.api.getAllocation({ id })).allocation;
    await tracker.sweep();
    t.deepEqual((await tracker.api.getAllocation({ id })).allocation, before);
    t.is(before?.state, AllocationState.ALLOCATED);
  });
});
