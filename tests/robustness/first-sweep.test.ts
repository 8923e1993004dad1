import { connect, LeakRule } from '@berth/client';
import { closedAfter, startBerthd, until } from '@berth/testkit';
import test from 'ava';

test('the first look for leaks after a start asks the lease service of the same process, and warns of nothing', async (t) => {
  const berthd = await startBerthd({ settings: { tracker: { sweepMs: 3_600_000 } } });
  t.teardown(() => berthd.stop());
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'ann', role: 'operator' }));
  const { allocation } = await berth.allocations.registerIntent({
    allocation: { kind: 'vm', owner: 'ann', parent: 'lease/default/ls-gone' },
  });
  await berth.allocations.confirmAllocation({ id: allocation?.id ?? '' });
  const before = berthd.log.length;
  await berthd.kill('SIGTERM');
  await berthd.start();
  const leaks = await until(
    async () => {
      const listed = (await berth.allocations.listLeaks({})).leaks;
      return listed.length > 0 ? listed : undefined;
    },
    { what: 'the first look', timeoutMs: 30_000 },
  );
  t.deepEqual(
    leaks.map(({ rule, allocationId }) => [rule, allocationId]),
    [[LeakRule.PARENT_GONE, allocation?.id]],
  );
  t.notRegex(berthd.log.slice(before), /"level":(40|50)/);
});
