import { AllocationState, connect, LeakRule } from '@berth/client';
import { closedAfter, startBerthd } from '@berth/testkit';
import test from 'ava';
import { pino } from 'pino';
import { trackerClient } from './tracker-client.js';

test('the tracker is told each thing once, however often it is told', async (t) => {
  const berthd = await startBerthd({ settings: { roles: ['tracker'] } });
  t.teardown(() => berthd.stop());
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'berth-pool', role: 'operator' }));
  const warned: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) });
  const tracker = trackerClient(() => Promise.resolve(berth), 'berth-pool', log);
  const intent = { number: 7, name: 'vms_00000007', pool: 'vms', lab: 'default', timeoutMs: 60_000 };
  const nowMs = Date.now();
  const twice = async <T>(act: () => Promise<T>): Promise<T> => {
    const first = await act();
    t.deepEqual(await act(), first);
    return first;
  };
  const id = await twice(() => tracker.registerIntent(intent));
  await twice(() => tracker.confirm(id, 7, intent.name, nowMs));
  const of = async () => (await berth.allocations.getAllocation({ id })).allocation;
  t.like(await of(), {
    kind: 'pool-resource',
    owner: 'berth-pool',
    externalId: intent.name,
    state: AllocationState.ALLOCATED,
  });
  t.deepEqual((await of())?.labels, { pool: 'vms', lab: 'default' });
  await tracker.reportSeen('vms', [intent.name, 'stranger']);
  const { leaks } = await berth.allocations.listLeaks({});
  t.deepEqual(
    leaks.map(({ rule, externalId }) => [rule, externalId]),
    [[LeakRule.UNKNOWN_HERE, 'stranger']],
  );
  await twice(() => tracker.failRelease(id, 7, 3, ''));
  t.is((await of())?.deleteFailure, 'not known');
  await tracker.failRelease(id, 7, 4, `no answer ${'x'.repeat(2000)}`);
  t.regex((await of())?.deleteFailure ?? '', /^no answer x+$/);
  await twice(() => tracker.release(id, 7, 'deleted', nowMs));
  t.is((await of())?.state, AllocationState.RELEASED);
  const { allocations } = await berth.allocations.listAllocations({});
  t.is(allocations.length, 1);
  t.deepEqual(warned, []);
  t.regex(leaks[0]?.evidence ?? '', /^pool\/vms lists pool-resource 'stranger'/);

  await tracker.confirm(id, 7, 'late', nowMs - 1);
  await tracker.fail(id, 8, 'too late');
  t.is(warned.length, 2, 'what it refuses is logged, and counts as told');
  t.is(await tracker.registerIntent({ ...intent, number: 8, name: 'a\u0001' }), '');
  await tracker.confirm('', 8, 'a', 0);
  t.is(warned.length, 3);
  t.is(
    await tracker.registerIntent({ ...intent, timeoutMs: 5000 }),
    id,
    'the one that it has, though it was told otherwise',
  );
  await berthd.kill('SIGKILL');
  await t.throwsAsync(tracker.registerIntent({ ...intent, number: 9 }), { message: /does not answer/ });
});
