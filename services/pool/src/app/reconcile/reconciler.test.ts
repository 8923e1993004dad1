import { BerthError } from '@berth/kernel';
import test from 'ava';
import { openPools } from '../../store/open-pools.js';
import { openStage } from './reconciler.fixture.js';

test('one livecheck of fifty hangs, and the others go on', async (t) => {
  const commands = { new: 'new', delete: 'delete', livecheck: 'check' };
  const most = { max: 50, maxStarting: 50, maxPrealloc: 50 };
  const checks = {
    livecheckPeriodMs: 10_000,
    timeoutsMs: { new: 1, delete: 1, release: 1, list: 1, livecheck: 60_000 },
  };
  const { resources, pass, lab } = await openStage(t, { commands, ...most, ...checks }, ({ command, variables }) =>
    command === 'check' && variables['BERTH_ID'] === '7' ? 'hangs' : 0,
  );
  await pass(5000);
  t.is((await resources()).filter(({ state }) => state === 'UP').length, 50);
  await pass(45_000);
  const attempts = async () =>
    (await resources()).map(({ number, attempts: { livecheck } }) => [number, livecheck] as const);
  for (const [number, checked] of await attempts()) t.true(number === 7 ? checked === 0 : checked >= 4, String(number));
  await pass(30_000);
  const hung = (await resources()).find(({ number }) => number === 7);
  t.is(hung?.failedChecks, 1);
  t.is(lab.benches.get(hung?.name ?? '')?.condition, 'QUARANTINED');
  t.is([...lab.benches.values()].filter(({ condition }) => condition === 'READY').length, 49);
});

test('a request gets what is made for it, and gives it back', async (t) => {
  const { resources, pass, lab, changed } = await openStage(
    t,
    { maxPrealloc: 0, tags: [{ name: 'vm', priority: 0 }] },
    () => 0,
  );
  t.deepEqual(await resources(), []);
  lab.request({ id: 1, tags: ['vm'], sandbox: '', count: 2 });
  changed();
  await pass(3000);
  t.deepEqual(
    (await resources()).map(({ state, lease }) => [state, lease !== undefined]),
    [
      ['UP', true],
      ['UP', true],
    ],
  );
  const [lease = ''] = lab.leases.keys();
  lab.release(lease);
  changed();
  await pass(3000);
  t.deepEqual(
    (await resources()).map(({ state, endReason }) => [state, endReason]),
    [
      ['ENDED', 'its lease is over'],
      ['ENDED', 'its lease is over'],
    ],
  );
  t.is(lab.benches.size, 0);
});

test('while the store is away nothing is started and nothing is ended; its health is told, and told again', async (t) => {
  const stage = await openStage(t, { maxPrealloc: 0, tags: [{ name: 'vm', priority: 0 }] }, () => 0);
  const { store, lab, changed, pass, works, resources } = stage;
  t.true(works());
  const writeAll = store.writeAll.bind(store);
  store.writeAll = () => Promise.reject(new BerthError('STORE_UNAVAILABLE', 'it does not answer'));
  lab.request({ id: 1, tags: ['vm'], sandbox: '', count: 1 });
  changed();
  await pass(1000);
  t.false(works());
  store.writeAll = writeAll;
  await pass(10_000);
  t.true(works());
  t.deepEqual(
    (await resources()).map(({ state }) => state),
    ['UP'],
  );
});

test('a step that changes nothing is not carried out without end, and that is logged once', async (t) => {
  const commands = { new: 'new', delete: 'delete', livecheck: 'check' };
  const checks = { livecheckPeriodMs: 10_000, livecheckAttempts: 1 };
  const options = { commands, max: 1, maxPrealloc: 1, ...checks };
  const { lab, pass, resources, warnings } = await openStage(t, options, ({ command }) =>
    command === 'check' ? 1 : 0,
  );
  // One that must go does not: nothing changes by that, and it is wanted again at once.
  const deleteBench = lab.deleteBench.bind(lab);
  let calls = 0;
  lab.deleteBench = () => {
    calls += 1;
    return false;
  };
  await pass(15_000);
  const before = calls;
  t.true(before >= 10 && before <= 16, `${before} calls`);
  await pass(10_000);
  t.true(calls - before >= 9 && calls - before <= 11, `${calls - before} calls in ten seconds`);
  t.deepEqual(warnings, ['a step for a resource changes nothing, again and again; it is tried once a second']);
  lab.deleteBench = deleteBench;
  await pass(3000);
  t.is((await resources())[0]?.state, 'ENDED');
});

test('what a bench shows while its resource is written is noted after the write, and nothing is tried in vain', async (t) => {
  const commands = { new: 'new', delete: 'delete', livecheck: 'check' };
  const options = { commands, max: 1, maxPrealloc: 1, livecheckPeriodMs: 10_000, tags: [{ name: 'vm', priority: 0 }] };
  const { store, lab, changed, pass, resources, warnings } = await openStage(t, options, () => 0);
  await pass(5000);
  const { resources: collection } = await openPools(store);
  const replace = collection.replace.bind(collection);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let writes = 0;
  collection.replace = async (document, expected) => {
    writes += 1;
    await held;
    return replace(document, expected);
  };
  // A livecheck begins, and its write lasts; meanwhile somebody gets the resource.
  await pass(7000);
  t.is(writes, 1);
  lab.request({ id: 1, tags: ['vm'], sandbox: '', count: 1 });
  changed();
  await pass(500);
  t.is(lab.leases.size, 1);
  t.deepEqual([writes, (await resources())[0]?.lease], [1, undefined]);
  release();
  // One for the note, one for its being stored.
  await pass(500);
  await pass(500);
  t.not((await resources())[0]?.lease, undefined);
  t.deepEqual(warnings, []);
});
