import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import type { TestTracker } from './tracker-server.fixture.js';
import { refused, startTracker } from './tracker-server.fixture.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const COUNT = 600;

function extend({ api }: TestTracker, id: string, i: number) {
  return api.extend({ id, duration: { seconds: 3600 + i, nanos: 0 }, requestId: `extend-${String(i)}` });
}

async function held({ api }: TestTracker, externalId: string): Promise<string> {
  const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', externalId } });
  const id = allocation?.id ?? '';
  await api.confirmAllocation({ id });
  return id;
}

onEachEngine(test, (engine, title) => {
  test(
    title('of any number of commands on one allocation each is remembered for 24 hours, and no longer'),
    async (t) => {
      const tracker = await startTracker(t, engine, { config: { sweepMs: 1000 } });
      const { api, clock, store } = tracker;
      const id = await held(tracker, 'vm-1');
      const beganMs = clock.now();
      for (let i = 0; i < COUNT; i += 1) {
        clock.advance(1);
        await extend(tracker, id, i);
      }
      const before = (await api.getAllocation({ id })).allocation;
      // The oldest, those on both sides of what the document itself remembers, and the newest.
      for (const i of [0, 1, 127, 128, 255, 256, 300, COUNT - 257, COUNT - 256, COUNT - 129, COUNT - 128, COUNT - 1]) {
        t.deepEqual((await extend(tracker, id, i)).allocation, before, `the repeat of ${String(i)}`);
      }
      const other = { id, duration: { seconds: 1, nanos: 0 }, requestId: 'extend-0' };
      t.is((await refused(t, api.extend(other))).reason, 'REQUEST_ID_REUSED');
      t.is((await refused(t, api.extend({ ...other, id: await held(tracker, 'vm-2') }))).reason, 'REQUEST_ID_REUSED');
      const intent = api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' }, requestId: 'extend-0' });
      t.is((await refused(t, intent)).reason, 'REQUEST_ID_REUSED');
      const earlier = await store.collection({
        name: 'tracker_earlier_answers',
        indexes: [{ name: 'answered', fields: ['timeMs'] }],
      });
      const kept = await earlier.count();
      t.true(kept >= COUNT - 256 && kept < COUNT, `${String(kept)} are not in the document`);

      clock.advance(DAY_MS - (clock.now() - beganMs) - HOUR_MS);
      await tracker.sweep();
      t.deepEqual((await extend(tracker, id, 0)).allocation, before);
      clock.advance(2 * HOUR_MS);
      await tracker.sweep();
      await tracker.sweep();
      t.is(await earlier.count(), 0);
      t.notDeepEqual((await extend(tracker, id, 0)).allocation?.expectedEnd, before?.expectedEnd);
    },
  );

  test(title('a release by attributes is remembered beyond any number of later commands'), async (t) => {
    const tracker = await startTracker(t, engine);
    const { api } = tracker;
    const id = await held(tracker, 'vm-1');
    const call = { owner: 'ann', kind: 'vm', externalId: 'vm-1', requestId: 'release' };
    await api.releaseByAttributes(call);
    for (let i = 0; i < 300; i += 1) await api.confirmRelease({ id, requestId: `again-${String(i)}` });
    await held(tracker, 'vm-1');
    t.is((await api.releaseByAttributes(call)).allocation?.id, id);
  });
});
