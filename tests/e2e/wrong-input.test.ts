import type { Berth } from '@berth/client';
import { BerthError, connect, HoldMode } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { startBerthd, until } from '@berth/testkit';
import test from 'ava';
import { openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';

const DAY_MS = 86_400_000;
const BENCH = [{ bench: 'b1' }];

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd({ inventory: inventoryOf(2) });
});
test.after.always(() => berthd.stop());

type Call = (berth: Berth) => Promise<unknown>;

function acquire(request: Parameters<typeof openAcquire>[1]): Call {
  return (berth) => openAcquire(berth, request).granted();
}

function apply(yaml: string): Call {
  return (berth) => berth.inventory.applyInventory({ inventory: { $case: 'yaml', value: yaml } });
}

/** What is wrong, the call, the reason, the faulty field, and what the message says of what, where, why and what next. */
const WRONG: readonly (readonly [what: string, call: Call, reason: string, field: RegExp, message: RegExp])[] = [
  ['bad YAML', apply('pool: {'), 'INVALID_INVENTORY', /^yaml/, /line 1/],
  [
    'an unknown key',
    apply('pool:\n  resources:\n    b9: { colour: red }\n'),
    'INVALID_INVENTORY',
    /^pool\.resources\.b9\.colour$/,
    /colour/,
  ],
  [
    'a duplicate bench',
    apply('pool:\n  resources:\n    b9: {}\n    b9: {}\n'),
    'INVALID_INVENTORY',
    /^pool\.resources\.b9$/,
    /line 4/,
  ],
  ['an empty requirement', acquire({ requirements: [{}] }), 'INVALID_FIELD', /^requirements\[0\]$/, /asks for nothing/],
  [
    'count 0',
    acquire({ requirements: [{ bench: 'b1', count: 0 }] }),
    'INVALID_FIELD',
    /^requirements\[0\]\.count$/,
    /at least 1/,
  ],
  [
    'a negative wait',
    acquire({ requirements: BENCH, waitTimeout: { seconds: -1, nanos: 0 } }),
    'INVALID_FIELD',
    /^wait_timeout$/,
    /not be negative/,
  ],
  [
    'a negative ttl',
    acquire({ requirements: BENCH, hold: HoldMode.TTL, ttl: { seconds: -1, nanos: 0 } }),
    'INVALID_FIELD',
    /^ttl$/,
    /-1 s/,
  ],
  ['an unknown bench', acquire({ requirements: [{ bench: 'b22' }] }), 'NO_SUCH_BENCH', /^requirements\[0\]$/, /b22/],
  [
    'a message of 2 MB',
    acquire({ requirements: BENCH, description: 'x'.repeat(2 << 20) }),
    'MESSAGE_TOO_LARGE',
    /^$/,
    /at most|limit|1 MiB|1048576/,
  ],
];

for (const [what, call, reason, field, message] of WRONG) {
  test(`${what} is told with reason and place, and changes nothing`, async (t) => {
    await using berth = connect({ address: berthd.address });
    const before = await berth.inventory.listBenches({});
    const error = await t.throwsAsync(() => call(berth), { instanceOf: BerthError });
    t.true(error.described);
    t.is(error.reason, reason);
    t.regex(error.details.fields?.[0]?.field ?? '', field);
    t.regex(error.message, message);
    t.deepEqual(await berth.inventory.listBenches({}), before);
    t.is((await berth.lease.listQueue({})).waiting, 0);
  });
}

test('a deadline of 30 days is no deadline that is over at once', async (t) => {
  await using berth = connect({ address: berthd.address, timeoutMs: 30 * DAY_MS });
  t.is((await berth.inventory.listBenches({})).benches.length, 2);
  t.is((await berth.inventory.listBenches({}, { timeoutMs: 60 * DAY_MS })).benches.length, 2);
});

test.serial('a wait of 30 days waits', async (t) => {
  await using berth = connect({ address: berthd.address });
  const holder = openAcquire(berth, { requirements: [{ bench: 'b2' }] });
  await holder.granted();
  const waiter = openAcquire(berth, {
    requirements: [{ bench: 'b2' }],
    waitTimeout: { seconds: 30 * 86_400, nanos: 0 },
  });
  await waiter.queued();
  holder.hangUp();
  t.is((await waiter.granted()).benches[0]?.name, 'b2');
  waiter.hangUp();
  // The other tests hold what there is against what there was.
  const isFree = async () => (await berth.inventory.getBench({ name: 'b2' })).bench?.leaseId === '';
  await until(isFree, { what: 'the bench to be free again' });
});
