import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { onEachEngine, until } from '@berth/testkit';
import test from 'ava';
import type { Reads } from './counting-store.fixture.js';
import { countingStore } from './counting-store.fixture.js';
import type { TestTracker } from './tracker-server.fixture.js';
import { startTracker } from './tracker-server.fixture.js';

const WATCHERS = 20;
/** Changed within the half second before. */
const RECENT = 300;

interface Seen {
  /** `ID STATE` of all that was told, in order. */
  readonly told: string[];
  readonly stop: () => Promise<void>;
}

function watch({ api }: TestTracker, from?: Date): Seen {
  const told: string[] = [];
  const end = new AbortController();
  const watching = (async () => {
    for await (const { allocation } of api.watch({ ...(from && { from }) }, { signal: end.signal })) {
      if (allocation !== undefined) told.push(`${allocation.id} ${AllocationState[allocation.state]}`);
    }
  })().catch(() => undefined);
  return {
    told,
    stop: async () => {
      end.abort();
      await watching;
    },
  };
}

async function register({ api }: TestTracker, count: number): Promise<readonly string[]> {
  const requests = Array.from({ length: count }, () => ({ allocation: { kind: 'vm', owner: 'ann' } }));
  const { results } = await api.batchRegisterIntents({ requests });
  return results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
}

/** Resolves when all of them tell what this process changes. */
async function joined(tracker: TestTracker, watchers: readonly Seen[]): Promise<void> {
  await until(
    async () => {
      await register(tracker, 1);
      return watchers.every(({ told }) => told.length > 0);
    },
    { what: 'all watchers' },
  );
}

onEachEngine(test, (engine, title) => {
  test(title('a change is read once for all watchers of a process, at once, and nothing else with it'), async (t) => {
    const reads: Reads = { count: 0 };
    // The clock of this tracker stands still: nothing here waits for a look at what others do.
    const tracker = await startTracker(t, engine, {
      seen: (store) => countingStore(store, 'tracker_allocations', reads),
    });
    await register(tracker, RECENT);
    const watchers = Array.from({ length: WATCHERS }, () => watch(tracker));
    await joined(tracker, watchers);
    const [id = ''] = await register(tracker, 1);
    await until(() => watchers.every(({ told }) => told.includes(`${id} INTENT`)), { what: 'the registration' });
    reads.count = 0;
    await tracker.api.confirmAllocation({ id });
    await until(() => watchers.every(({ told }) => told.includes(`${id} ALLOCATED`)), { what: 'the change' });
    // The command reads it too.
    t.true(reads.count <= 2, `${reads.count} documents were read for one change`);
    for (const { told } of watchers) t.is(new Set(told).size, told.length, 'each once');
    for (const { stop } of watchers) await stop();
  });

  test(
    title('a watch that joins others tells what changed since its time once, and of changes before none'),
    async (t) => {
      const tracker = await startTracker(t, engine);
      const { clock } = tracker;
      const [old = ''] = await register(tracker, 1);
      const first = watch(tracker);
      await joined(tracker, [first]);
      clock.advance(10);
      const from = new Date(clock.now());
      const since = await register(tracker, 3);
      const late = watch(tracker, from);
      const now = watch(tracker);
      await until(() => since.every((id) => late.told.includes(`${id} INTENT`)), { what: 'what changed since' });
      await joined(tracker, [first, late, now]);
      const [id = ''] = await register(tracker, 1);
      for (const { told } of [first, late, now]) {
        await until(() => told.includes(`${id} INTENT`), { what: 'the last change' });
        t.is(new Set(told).size, told.length, 'each once');
        t.false(told.includes(`${old} INTENT`));
      }
      t.false(since.some((one) => now.told.includes(`${one} INTENT`)));
      for (const { stop } of [first, late, now]) await stop();
    },
  );
});
