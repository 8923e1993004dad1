import { connect } from '@berth/client';
import { until } from '@berth/testkit';
import test from 'ava';
import { manual, newRequestId, openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

const ROUNDS = 25;

test('two requests for the same two benches, named crosswise, never block each other', async (t) => {
  const berthd = await berthdOf(t, { inventory: inventoryOf(2) });
  await using berth = connect({ address: berthd.address, user: 'me' });
  for (let i = 0; i < ROUNDS; i++) {
    const calls = [
      ['b1', 'b2'],
      ['b2', 'b1'],
    ].map((benches) => openAcquire(berth, { requirements: benches.map((bench) => ({ bench })) }));
    const holder = await until(() => calls.find(({ lease }) => lease !== undefined), { what: 'one of them' });
    const other = calls.find((call) => call !== holder);
    t.is(other?.lease, undefined);
    holder.hangUp();
    t.deepEqual((await other?.granted())?.benches.map(({ name }) => name).sort(), ['b1', 'b2']);
    other?.hangUp();
  }
});

for (const backfill of [false, true]) {
  test(`behind a request for two of three benches, one for one bench ${backfill ? 'overtakes it with backfill' : 'waits'}`, async (t) => {
    const berthd = await berthdOf(t, { inventory: inventoryOf(3), settings: { lease: { backfill } } });
    await using berth = connect({ address: berthd.address, user: 'me' });
    const any = { attributes: ['any'] };
    const holder = await openAcquire(berth, manual({ requirements: [{ ...any, count: 2 }] })).granted();
    const two = openAcquire(berth, { requestId: newRequestId('two'), requirements: [{ ...any, count: 2 }] });
    const { claimedBenches } = await two.queued();
    t.is(claimedBenches.length, backfill ? 0 : 1);
    const one = openAcquire(berth, { requestId: newRequestId('one'), requirements: [any] });
    if (backfill) {
      t.is((await one.granted()).benches.length, 1);
      await berth.lease.release({ leaseId: holder.id });
      // Two are free now, or three when the other one hangs up.
      await two.granted();
    } else {
      const place = await one.queued();
      t.is(place.position, 2);
      t.is(place.candidates.find(({ holder: who }) => who === '')?.claimedBy, 'me');
      await berth.lease.release({ leaseId: holder.id });
      t.is((await two.granted()).benches.length, 2);
      // The third one is left for it.
      t.is((await one.granted()).benches.length, 1);
    }
    two.hangUp();
    one.hangUp();
  });
}
