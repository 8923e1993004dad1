import test from 'ava';
import { hookVariables, listVariables } from './hook-environment.js';

const RUN = { number: 7, name: 'vms_7', pool: 'vms', idInPool: 0, counters: { port: 3 }, data: 'YQo=', attempt: 2 };

test('cmd_new is told its numbers, under both names', (t) => {
  t.deepEqual(hookVariables({ ...RUN, hook: 'new' }), {
    RESALLOC_ID: '7',
    RESALLOC_NAME: 'vms_7',
    RESALLOC_POOL_ID: 'vms',
    RESALLOC_ID_IN_POOL: '0',
    RESALLOC_NAMED_COUNTER_port: '3',
    BERTH_ID: '7',
    BERTH_NAME: 'vms_7',
    BERTH_POOL_ID: 'vms',
    BERTH_ID_IN_POOL: '0',
    BERTH_NAMED_COUNTER_port: '3',
    BERTH_IDEMPOTENCY_KEY: '7/new/2',
  });
});

test('other commands are told the data too, and the lease', (t) => {
  const lease = { id: 'l-1', fencingToken: 17 };
  for (const hook of ['livecheck', 'release', 'delete'] as const) {
    t.deepEqual(hookVariables({ ...RUN, hook, lease }), {
      ...hookVariables({ ...RUN, hook: 'new' }),
      RESALLOC_RESOURCE_DATA: 'YQo=',
      BERTH_RESOURCE_DATA: 'YQo=',
      BERTH_LEASE_ID: 'l-1',
      BERTH_FENCING_TOKEN: '17',
      BERTH_IDEMPOTENCY_KEY: `7/${hook}/2`,
    });
  }
});

test('of what no row is named, only the name and the pool are known', (t) => {
  t.deepEqual(hookVariables({ hook: 'delete', number: 0, name: 'vms_9', pool: 'vms', attempt: 0 }), {
    RESALLOC_ID: '0',
    RESALLOC_NAME: 'vms_9',
    RESALLOC_POOL_ID: 'vms',
    BERTH_ID: '0',
    BERTH_NAME: 'vms_9',
    BERTH_POOL_ID: 'vms',
  });
  t.deepEqual(listVariables('vms'), { RESALLOC_POOL_ID: 'vms', BERTH_POOL_ID: 'vms' });
});
