import { isDeepStrictEqual } from 'node:util';
import { connect } from '@berth/client';
import { closedAfter, startBerthd } from '@berth/testkit';
import test from 'ava';

const LABELS = { pipeline: 'nightly'.repeat(8), commit: '0123456789'.repeat(4), step: 'provision the machines' };

test('10,000 intents with labels, several MiB, go in in one call, and come back as much as clients take', async (t) => {
  const berthd = await startBerthd();
  t.teardown(() => berthd.stop());
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'ann' }));
  const requests = Array.from({ length: 10_000 }, (_, i) => ({
    allocation: { kind: 'vm', owner: 'ann', externalId: `vm-${String(i)}`, labels: LABELS },
    requestId: `large-${String(i)}`,
  }));
  const { results } = await berth.allocations.batchRegisterIntents({ requests });
  t.is(results.length, 10_000);
  const ids = results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
  t.is(new Set(ids).size, 10_000);
  t.true(results.some(({ shortened }) => shortened));
  const kept = new Map<string, Record<string, string>>();
  for await (const { allocations } of berth.allocations.exportAllocations({})) {
    for (const { id, labels } of allocations) kept.set(id, labels);
  }
  t.true(ids.every((id) => kept.has(id)));
  t.true(
    [...kept.values()].every((labels) => isDeepStrictEqual(labels, LABELS)),
    JSON.stringify(kept.get(ids[0] ?? '')),
  );
});
