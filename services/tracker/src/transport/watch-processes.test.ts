import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { onEachEngine, until } from '@berth/testkit';
import test from 'ava';
import type { TrackerProcess } from './tracker-processes.fixture.js';
import { newPlace, startProcess } from './tracker-processes.fixture.js';

const ROUNDS = 20;

/** Registers some and confirms them; their ids. */
async function change({ api }: TrackerProcess, count: number): Promise<readonly string[]> {
  const requests = Array.from({ length: count }, () => ({ allocation: { kind: 'vm', owner: 'ann' } }));
  const { results } = await api.batchRegisterIntents({ requests });
  const ids = results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
  await api.batchConfirmAllocations({ requests: ids.map((id) => ({ id })) });
  return ids;
}

onEachEngine(test, (engine, title) => {
  // Only one process has an SQLite file.
  if (engine !== 'mongo') return;
  for (const [what, aheadMs] of [
    ['a clock that agrees', 0],
    ['a clock that is behind', -2000],
    ['a clock that is far ahead', 60_000],
  ] as const) {
    test(title(`a watch at one process sees what changes through another, with ${what}`), async (t) => {
      const place = newPlace(t, engine);
      const [watched, other] = await Promise.all([startProcess(t, { place }), startProcess(t, { place, aheadMs })]);
      const stop = new AbortController();
      const last = new Map<string, AllocationState>();
      const twice: string[] = [];
      const etags = new Set<string>();
      const watching = (async () => {
        for await (const { allocation } of watched.api.watch({}, { signal: stop.signal })) {
          if (allocation === undefined) continue;
          if (etags.has(allocation.etag)) twice.push(allocation.id);
          etags.add(allocation.etag);
          last.set(allocation.id, allocation.state);
        }
      })().catch((error: unknown) => error);
      // From here on the watch is there: what this process does is seen.
      const [first = ''] = await until(
        async () => {
          const ids = await change(watched, 1);
          return last.size > 0 ? ids : undefined;
        },
        { what: 'the watch' },
      );
      const ids = [first];
      for (let round = 0; round < ROUNDS; round += 1) {
        const both = await Promise.all([change(watched, 3), change(other, 5)]);
        ids.push(...both.flat());
      }
      const missing = (): readonly string[] => ids.filter((id) => last.get(id) !== AllocationState.ALLOCATED);
      await until(() => missing().length === 0, { what: 'every change' });
      t.deepEqual(twice, []);
      stop.abort();
      await watching;
    });
  }
});
