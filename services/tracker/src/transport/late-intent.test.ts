import { LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import type { CollectionStore } from '@berth/storage';
import { onEachEngine, until } from '@berth/testkit';
import test from 'ava';
import { hookedStore } from './hooked-store.fixture.js';
import { startTracker } from './tracker-server.fixture.js';

onEachEngine(test, (engine, title) => {
  test(
    title('an intent that arrives in a failed group after a sweep found it empty leaks when it is ALLOCATED'),
    async (t) => {
      // The intent has passed the check of its group, and is not written before the group has failed and was looked into.
      let onItsWay = false;
      let arrive = (): void => undefined;
      const arriving = new Promise<void>((resolve) => (arrive = resolve));
      const seen = (store: CollectionStore): CollectionStore =>
        hookedStore(store, 'tracker_allocations', {
          insert: async () => {
            onItsWay = true;
            await arriving;
          },
        });
      const tracker = await startTracker(t, engine, { seen });
      const { api } = tracker;
      const { group } = await api.openGroup({ owner: 'ann' });
      const registering = api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', group: group?.id ?? '' } });
      await until(() => onItsWay, { what: 'the intent to be on its way' });
      t.is((await api.closeGroup({ id: group?.id ?? '', success: false })).live, 0);
      await tracker.sweep();
      await tracker.sweep();
      t.deepEqual((await api.listLeaks({})).leaks, []);
      arrive();
      const id = (await registering).allocation?.id ?? '';
      await api.confirmAllocation({ id });
      await tracker.sweep();
      t.deepEqual(
        (await api.listLeaks({})).leaks.map(({ rule, allocationId }) => [rule, allocationId]),
        [[LeakRule.GROUP_FAILED, id]],
      );
    },
  );
});
