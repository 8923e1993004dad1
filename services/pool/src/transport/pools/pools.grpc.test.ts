import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PoolState, ResourceState } from '@berth/proto/berth/pool/v1/pool';
import { PoolChangeKind, StrangerVerdict } from '@berth/proto/berth/pool/v1/pool_service';
import { fakeClock, tempFolder } from '@berth/testkit';
import test from 'ava';
import { newPoolDocument } from '../../domain/pool-document.js';
import { servePools } from './pool-server.fixture.js';

const LEAST = '{ cmd_new: make, cmd_delete: remove }';

test('a file of pools is applied, told, and written again', async (t) => {
  const { client } = await servePools(t, fakeClock());
  const yaml = `vms:\n  cmd_new: make\n  cmd_delete: remove\n  max_prealloc: 1\n  tags_on_demand: [big]\n  env: { set: { KEY: secret } }\n`;
  const dry = await client.call('applyPools', { yaml, validateOnly: true });
  t.deepEqual(dry, {
    changes: [{ pool: 'vms', kind: PoolChangeKind.ADDED, options: [] }],
    warnings: ['pools.yaml:4:3: vms.max_prealloc: counts as 0, since the pool has tags_on_demand'],
  });
  t.deepEqual((await client.call('listPools', {})).pools, []);
  t.deepEqual(await client.call('applyPools', { yaml, requestId: 'r1' }), dry);
  t.deepEqual((await client.call('applyPools', { yaml, requestId: 'r1' })).changes, []);
  const sameElsewhere = await client.call('applyPools', { yaml, requestId: 'r1', file: 'vms.yaml' });
  t.regex(sameElsewhere.warnings[0] ?? '', /^vms\.yaml:4:3: /);
  const exported = await client.call('exportPools', {});
  t.like(exported, { origin: 'ann', fileFault: '' });
  t.is(
    exported.yaml,
    'vms:\n  cmd_new: make\n  cmd_delete: remove\n  tags_on_demand: [ big ]\n  env:\n    set:\n      KEY: secret\n',
  );
  t.deepEqual((await client.call('applyPools', { yaml: exported.yaml })).changes, []);
  const changed = await client.call('applyPools', { yaml: exported.yaml.replace('make', 'make2'), validateOnly: true });
  const option = { option: 'cmd_new', before: 'make', after: 'make2' };
  t.deepEqual(changed.changes, [{ pool: 'vms', kind: PoolChangeKind.CHANGED, options: [option] }]);
  const { pool } = await client.call('getPool', { name: 'vms' });
  t.regex(pool?.optionsYaml ?? '', /^max: 4$[^]*^ {4}KEY: secret$/m);
  const seen = await client.call('getPool', { name: 'vms' }, 'bob/user');
  t.regex(seen.pool?.optionsYaml ?? '', /^ {4}KEY: \(hidden\)$/m);
  t.deepEqual((await client.call('listPools', {}, 'bob/viewer')).pools, [{ ...pool!, optionsYaml: '' }]);
});

test('a pool is told with what it has and how its starts went', async (t) => {
  const clock = fakeClock();
  const { client, pools, addResource } = await servePools(t, clock);
  await client.call('applyPools', { yaml: `vms: ${LEAST}\nvms/big: ${LEAST}\n` });
  const lease = { id: 'l', fencingToken: 1, sandbox: '', sinceMs: 0 };
  await addResource('vms');
  await addResource('vms', { state: 'UP' });
  await addResource('vms', { state: 'UP', lease });
  await addResource('vms', { state: 'RELEASING' });
  await addResource('vms', { state: 'DELETE_FAILED' });
  await addResource('vms/big', { state: 'UP' });
  const starts = {
    starts: 9,
    failedStarts: 6,
    failuresInRow: 5,
    lastStarts: [1, 0, 0, 1],
    lastError: 'no room',
    startMs: 1500,
  };
  const at = clock.now();
  await pools.insert([{ ...newPoolDocument('vms', 0), ...starts, lastStartMs: at - 5, retryMs: at + 1000 }]);
  const [vms, big] = (await client.call('listPools', {})).pools;
  t.like(vms, {
    ...{ name: 'vms', lab: 'default', state: PoolState.ACTIVE, removed: false, max: 4, free: 1, taken: 1, leaks: 1 },
    ...{ starts: 9, failedStarts: 6, successRate: 0.5, lastError: 'no room', degraded: true },
    ...{ startDuration: { seconds: 1, nanos: 500_000_000 } },
    counts: [
      { state: ResourceState.STARTING, count: 1 },
      { state: ResourceState.UP, count: 2 },
      { state: ResourceState.RELEASING, count: 1 },
      { state: ResourceState.DELETE_FAILED, count: 1 },
    ],
  });
  t.is(vms?.retryTime?.getTime(), at + 1000);
  t.is(vms?.lastStartTime?.getTime(), at - 5);
  t.like(big, { name: 'vms/big', counts: [{ state: ResourceState.UP, count: 1 }], successRate: undefined });
});

test('pools are listed in pages', async (t) => {
  const { client } = await servePools(t, fakeClock());
  const names = ['a', 'b', 'c', 'd', 'e'];
  await client.call('applyPools', { yaml: names.map((name) => `${name}: ${LEAST}\n`).join('') });
  const found: string[] = [];
  let pageToken = '';
  do {
    const page = await client.call('listPools', { pageSize: 2, pageToken });
    t.true(page.pools.length <= 2);
    found.push(...page.pools.map(({ name }) => name));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  t.deepEqual(found, names);
});

test('a pool that leaves the file drains, and an operator may have it evacuated', async (t) => {
  const { client } = await servePools(t, fakeClock());
  await client.call('applyPools', { yaml: `vms: ${LEAST}\n` });
  const { changes } = await client.call('applyPools', { yaml: '{}' });
  t.deepEqual(changes, [{ pool: 'vms', kind: PoolChangeKind.REMOVED, options: [] }]);
  t.like((await client.call('listPools', {})).pools[0], { name: 'vms', removed: true, state: PoolState.DRAINING });
  const { pool } = await client.call('setPoolState', { pool: 'vms', state: PoolState.EVACUATING, reason: 'fire' });
  t.is(pool?.state, PoolState.EVACUATING);
});

test('the state of a pool is set with who and why, until it is given back to the file', async (t) => {
  const clock = fakeClock();
  const { client } = await servePools(t, clock);
  await client.call('applyPools', { yaml: `vms: { cmd_new: make, cmd_delete: remove, state: paused }\n` });
  t.like((await client.call('getPool', { name: 'vms' })).pool, { state: PoolState.PAUSED, stateReason: '' });
  const request = { pool: 'vms', state: PoolState.DRAINING, reason: 'the provider moves', requestId: 'r1' };
  const { pool } = await client.call('setPoolState', request, 'eve');
  t.like(pool, { state: PoolState.DRAINING, stateReason: 'the provider moves' });
  t.is(pool?.stateActor?.name, 'eve');
  t.is(pool?.stateTime?.getTime(), clock.now());
  await client.call('applyPools', { yaml: `vms: ${LEAST}\n` });
  t.is((await client.call('getPool', { name: 'vms' })).pool?.state, PoolState.DRAINING);
  await client.call('setPoolState', { pool: 'vms', state: PoolState.ACTIVE });
  t.like((await client.call('getPool', { name: 'vms' })).pool, {
    state: PoolState.ACTIVE,
    stateReason: '',
    stateActor: undefined,
  });
  t.is((await client.call('setPoolState', request, 'eve')).pool?.state, PoolState.ACTIVE, 'a repeat changes nothing');
});

test('strangers of a pool are told, and deleted when they qualify', async (t) => {
  const clock = fakeClock();
  const { client, addResource } = await servePools(t, clock);
  const file = join(tempFolder(t), 'provider');
  const yaml = `vms: { cmd_new: x, cmd_delete: 'echo stuck; exit 1', cmd_list: cat ${file}, name_pattern: 'vm{id}' }\nb: ${LEAST}\n`;
  await client.call('applyPools', { yaml });
  writeFileSync(file, 'database vm00000001 vm00000002');
  await addResource('vms', { name: 'vm00000001', liveName: 'vm00000001' });
  const first = await client.call('sweep', { pool: 'vms' });
  const since = new Date(clock.now());
  t.is(first.listed, 3);
  t.deepEqual(
    first.strangers.map(({ name, verdict }) => [name, verdict]),
    [
      ['vm00000002', StrangerVerdict.TOO_NEW],
      ['database', StrangerVerdict.FOREIGN],
    ],
  );
  clock.advance(3_600_000);
  const dry = await client.call('sweep', { pool: 'vms', validateOnly: true });
  t.like(dry.strangers[0], { name: 'vm00000002', verdict: StrangerVerdict.DELETED, firstSeenTime: since, fault: '' });
  t.is((await client.call('sweep', { pool: 'vms' })).strangers[0]?.fault, 'ended with code 1: stuck');
  writeFileSync(file, 'x '.repeat(700_000));
  t.like(await client.refusal('sweep', { pool: 'vms' }), { code: 'FAILED_PRECONDITION', reason: 'LIST_FAILED' });
  t.like(await client.refusal('sweep', { pool: 'b' }), { code: 'FAILED_PRECONDITION', reason: 'POOL_CANNOT_LIST' });
});

test('wrong calls are refused with reason and field, and change nothing', async (t) => {
  const { client } = await servePools(t, fakeClock());
  await client.call('applyPools', { yaml: `vms: ${LEAST}\n` });
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' };
  const bad = await client.refusal('applyPools', { yaml: 'vms: { cmd_new: x, max: -1 }\n' });
  t.like(bad, { code: 'INVALID_ARGUMENT', reason: 'INVALID_POOLS' });
  t.deepEqual(bad.fields, [
    "vms: pools.yaml:1:1: has no 'cmd_delete'; a pool has at least the commands cmd_new and cmd_delete",
    'vms.max: pools.yaml:1:20: is the number -1; a whole number from 0 to 10000 is expected',
  ]);
  const named = await client.refusal('applyPools', { yaml: 'vms: { cmd_new: x }\n', file: '../my pools.yml' });
  t.regex(named.fields[0] ?? '', /^vms: \.\.\/my pools\.yml:1:1: has no 'cmd_delete'/);
  const twoLines = await client.refusal('applyPools', { yaml: `vms: ${LEAST}\n`, file: 'a\nb' });
  t.like(twoLines, invalid);
  t.is(twoLines.fields.length, 1);
  const none = await client.refusal('applyPools', {});
  t.like(none, invalid);
  t.deepEqual(none.fields, ['yaml: is required']);
  const state = await client.refusal('setPoolState', { state: PoolState.UNRECOGNIZED });
  t.like(state, invalid);
  t.is(state.fields.length, 3);
  const reason = await client.refusal('setPoolState', { pool: 'vms', state: PoolState.PAUSED });
  t.deepEqual(reason.fields, ['reason: is required; say why, for those who wonder']);
  for (const [key, request] of [
    ['getPool', { name: 'vmz' }],
    ['setPoolState', { pool: 'vmz', state: PoolState.ACTIVE }],
    ['sweep', { pool: 'vmz' }],
  ] as const) {
    const error = await client.refusal(key, request);
    t.like(error, { code: 'NOT_FOUND', reason: 'NO_SUCH_POOL' });
    t.regex(error.text, /there is no pool 'vmz'; did you mean 'vms'\?/);
  }
  t.deepEqual((await client.refusal('getPool', {})).fields, ['name: is required']);
  for (const [key, request] of [
    ['applyPools', { yaml: '{}' }],
    ['exportPools', {}],
    ['setPoolState', { pool: 'vms', state: PoolState.ACTIVE }],
    ['sweep', { pool: 'vms' }],
  ] as const) {
    t.like(
      await client.refusal(key, request, 'bob/user'),
      { code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' },
      key,
    );
  }
  t.like((await client.call('listPools', {})).pools, [{ name: 'vms', removed: false, state: PoolState.ACTIVE }]);
});
