import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import type { Allocation } from '@berth/proto/berth/tracker/v1/allocation';
import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { onEachEngine, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Place, TrackerProcess } from './tracker-processes.fixture.js';
import { newPlace, startProcess } from './tracker-processes.fixture.js';

const COUNT = 10_000;
const REQUESTS = Array.from({ length: COUNT }, (_, i) => ({
  allocation: { kind: 'vm', owner: 'ann', externalId: `vm-${i}`, labels: { job: `job-${i % 10}` } },
  requestId: `batch-1/${i}`,
}));

async function everything(api: Berth['allocations']): Promise<readonly Allocation[]> {
  const all: Allocation[] = [];
  for await (const { allocations } of api.exportAllocations({})) all.push(...allocations);
  return all;
}

/** Resolves once some of the batch is on its way into the store. */
async function untilWriting({ engine, where }: Place, { api }: TrackerProcess): Promise<void> {
  if (engine === 'sqlite') {
    const size = (): number =>
      readdirSync(where).reduce((sum, name) => sum + statSync(join(where, name), { throwIfNoEntry: false })!.size, 0);
    const before = size();
    await until(() => size() > before + 200_000, { what: 'the file to grow' });
    return;
  }
  const some = async (): Promise<boolean> => (await api.listAllocations({ pageSize: 1 })).allocations.length > 0;
  await until(some, { what: 'the first to be inserted' });
}

/** What survived a crash is whole; the retried batch completes it and adds nothing twice; and so does the next. */
async function checkRetry(t: ExecutionContext, api: Berth['allocations']): Promise<void> {
  const survived = await everything(api);
  for (const { externalId, kind, owner, labels, state, history, deadline } of survived) {
    const i = Number(externalId.slice('vm-'.length));
    const facts = { kind, owner, labels, state, changes: history.length, hasDeadline: deadline !== undefined };
    const whole = { kind: 'vm', owner: 'ann', labels: { job: `job-${i % 10}` }, state: AllocationState.INTENT };
    t.deepEqual(facts, { ...whole, changes: 1, hasDeadline: true });
  }
  const ids = new Map(survived.map(({ externalId, id }) => [externalId, id]));
  t.is(ids.size, survived.length);
  for (let retry = 0; retry < 2; retry += 1) {
    const { results } = await api.batchRegisterIntents({ requests: REQUESTS });
    for (const { result } of results) {
      if (result?.$case !== 'allocation') throw new Error(result?.value.message ?? 'no result');
      const { externalId, id } = result.value;
      t.is(ids.get(externalId) ?? id, id);
      ids.set(externalId, id);
    }
    t.is((await everything(api)).length, COUNT);
  }
}

onEachEngine(test, (engine, title) => {
  test.serial(title('a batch of 10,000 intents survives a kill in the middle'), async (t) => {
    const place = newPlace(t, engine);
    const first = await startProcess(t, { place });
    const call = first.api
      .batchRegisterIntents({ requests: REQUESTS }, { retry: false })
      .catch((error: unknown) => error);
    await untilWriting(place, first);
    await first.kill();
    await call;
    const second = await startProcess(t, { place });
    await checkRetry(t, second.api);
  });

  test.serial(title('a batch that was written but never answered is answered by its repeat'), async (t) => {
    const place = newPlace(t, engine);
    const first = await startProcess(t, { place }, 'tracker.intentsInserted:exit');
    await t.throwsAsync(first.api.batchRegisterIntents({ requests: REQUESTS }, { retry: false }));
    const second = await startProcess(t, { place });
    t.is((await everything(second.api)).length, COUNT);
    await checkRetry(t, second.api);
  });
});
