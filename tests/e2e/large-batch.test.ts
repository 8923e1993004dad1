import { isDeepStrictEqual } from 'node:util';
import { connect } from '@berth/client';
import { startBerthd } from '@berth/testkit';
import test from 'ava';

const LABELS = { pipeline: 'nightly'.repeat(8), commit: '0123456789'.repeat(4), step: 'provision the machines' };

test('10,000 intents with labels, several MiB, go in and come back in one call', async (t) => {
  const berthd = await startBerthd();
  t.teardown(() => berthd.stop());
  const berth = connect({ address: berthd.address, user: 'ann' });
  t.teardown(() => {
    berth.close();
  });
  const requests = Array.from({ length: 10_000 }, (_, i) => ({
    allocation: { kind: 'vm', owner: 'ann', externalId: `vm-${String(i)}`, labels: LABELS },
    requestId: `large-${String(i)}`,
  }));
  const { results } = await berth.allocations.batchRegisterIntents({ requests });
  t.is(results.length, 10_000);
  const kept = results.map(({ result }) => (result?.$case === 'allocation' ? result.value.labels : result));
  t.true(
    kept.every((labels) => isDeepStrictEqual(labels, LABELS)),
    JSON.stringify(kept[0]),
  );
});
