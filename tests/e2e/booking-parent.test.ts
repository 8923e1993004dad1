import { connect, LeakRule, toTimeRange } from '@berth/client';
import { closedAfter, startBerthd, until } from '@berth/testkit';
import test from 'ava';

test('what outlives the booking that it belongs to is a leak', async (t) => {
  const berthd = await startBerthd({ settings: { roles: ['booking', 'tracker'], tracker: { sweepMs: 200 } } });
  t.teardown(() => berthd.stop());
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'ann', role: 'operator' }));
  const range = toTimeRange('2031-06-01', '2031-06-30');
  await berth.capacity.createGrant({ grant: { amounts: { cores: 8 }, range } });
  const ids: string[] = [];
  for (const name of ['kept', 'cancelled']) {
    const { booking } = await berth.bookings.createBooking({
      booking: { spans: [{ amounts: { cores: 4 }, range }], description: name },
    });
    const parent = `booking/${booking?.id ?? ''}`;
    const { allocation } = await berth.allocations.registerIntent({ allocation: { kind: 'vm', owner: 'ann', parent } });
    await berth.allocations.confirmAllocation({ id: allocation?.id ?? '', externalId: name });
    ids.push(booking?.id ?? '');
  }
  const leaked = async () => {
    const { leaks } = await berth.allocations.listLeaks({ rules: [LeakRule.PARENT_GONE] });
    return leaks.map(({ externalId }) => externalId);
  };
  await until(async () => (await berth.allocations.listLeaks({})).sweepTime !== undefined, {
    what: 'a look for leaks',
  });
  t.deepEqual(await leaked(), []);
  await berth.bookings.cancelBooking({ id: ids[1] ?? '' });
  await until(async () => (await leaked()).length > 0, { what: 'the leak' });
  t.deepEqual(await leaked(), ['cancelled']);
});
