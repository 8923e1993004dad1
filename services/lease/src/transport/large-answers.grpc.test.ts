import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire, eventOf } from './leases/acquire-events.fixture.js';
import { namesThatFit } from './inventory/names-that-fit.js';
import { parseInventory } from './inventory-file/inventory-yaml.js';
import { serveLab } from './lab-server.fixture.js';

/** The largest bench that is taken, all but some: the test's client takes 4 MiB, as clients do by default. */
const PROPERTIES = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${String(i)}`, 'x'.repeat(16_000)]));
const NAMES = Array.from({ length: 40 }, (_, i) => `b${String(i + 10)}`);
const TEXTS = Array.from({ length: 120 }, (_, i) => `${'測'.repeat(120)}${String(i)}`);
const MANUAL = { hold: HoldMode.MANUAL };

test('every call answers in messages that clients take, with the most data that it can have', async (t) => {
  const { lease, inventory, stop } = await serveLab(t, 'pool: { resources: {} }');
  const server = { lease, inventory, stop };
  for (const name of NAMES) {
    const bench = { name, attributes: [{ name: 'large' }], properties: PROPERTIES };
    const made = await inventory.call('createBench', { bench });
    t.is(made.bench?.name, name);
  }
  t.is((await inventory.call('getBench', { name: 'b10' })).bench?.name, 'b10');
  const listed: string[] = [];
  for (let pageToken = ''; ;) {
    const page = await inventory.call('listBenches', { pageSize: 1000, pageToken });
    listed.push(...page.benches.map(({ name }) => name));
    pageToken = page.nextPageToken;
    if (pageToken === '') break;
  }
  t.deepEqual(listed, NAMES);

  const whole = await inventory.refusal('exportInventory', {});
  t.is(`${whole.code} ${whole.reason}`, 'RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE');
  let yaml = '';
  let parts = 0;
  for (let pageToken = ''; ; parts++) {
    const part = await inventory.call('exportInventory', { pageSize: 1000, pageToken });
    yaml += part.yaml;
    pageToken = part.nextPageToken;
    if (pageToken === '') break;
  }
  t.true(parts >= 3);
  t.is(yaml.match(/^pool:/gm)?.length, 1);
  t.deepEqual(
    Array.from(yaml.matchAll(/^ {4}(b\d+):/gm)).map(([, name]) => name),
    NAMES,
  );
  const header = yaml.slice(0, yaml.indexOf('    b11:'));
  t.deepEqual(
    parseInventory(header).benches.map(({ name }) => name),
    ['b10'],
  );

  const wants = { requirements: [{ attributes: ['large'], count: 16 }] };
  const { lease: held } = await acquire(server, { ...wants, ...MANUAL, requestId: 'one' });
  t.is(held.benches.length, 16);
  await acquire(server, { ...wants, ...MANUAL, requestId: 'two' });
  t.is((await lease.call('getLease', { leaseId: held.id })).lease?.benches.length, 16);
  const first = await lease.call('listLeases', { pageSize: 1000 });
  t.is(first.leases.length, 1, 'a second one would be too much');
  const second = await lease.call('listLeases', { pageSize: 1000, pageToken: first.nextPageToken });
  t.is(second.leases.length + first.leases.length, 2);
  const moved = await lease.call('transfer', { leaseId: held.id, newOwner: 'bob', reason: 'r' });
  t.is(moved.lease?.benches.length, 16);
  const extended = await lease.call('extend', { leaseId: moved.lease?.id ?? '', duration: { seconds: 60, nanos: 0 } });
  t.is(extended.lease?.benches.length, 16);

  for (let i = 0; i < 10; i++) {
    await inventory.call('putOffer', { offer: { pool: `p${String(i)}`, attributes: TEXTS.map((name) => ({ name })) } });
  }
  const waiters = Array.from({ length: 12 }, (_, i) =>
    lease.open('acquire', { requirements: [{ attributes: TEXTS, count: 16 }], requestId: `w${String(i)}` }),
  );
  for (const waiter of waiters) await eventOf(waiter, 'queued');
  let waiting = 0;
  for (let pageToken = ''; ;) {
    const page = await lease.call('listQueue', { pageSize: 1000, pageToken });
    waiting += page.requests.length;
    pageToken = page.nextPageToken;
    if (pageToken === '') break;
  }
  t.is(waiting, 12);
  const watch = lease.open('watch', {});
  while ((await watch.next()).more);
  const told = watch.messages.flatMap(({ changes }) => changes.map(({ kind }) => kind?.$case));
  t.is(told.filter((kind) => kind === 'benchPut').length, 40);
  t.is(told.filter((kind) => kind === 'requestPut').length, 12);
  for (const stream of [...waiters, watch]) stream.hangUp();
});

test('what cannot be told in parts is bounded where it comes in', async (t) => {
  const { lease, inventory } = await serveLab(t);
  const larger = { ...PROPERTIES, more: 'x'.repeat(16_000) };
  const tooLarge = await inventory.refusal('createBench', { bench: { name: 'big', properties: larger } });
  t.regex(String(tooLarge.fields), /^bench: takes \d+ bytes in all; at most 196608 \(192 KiB\)/);
  await inventory.call('createBench', { bench: { name: 'big', properties: PROPERTIES } });
  const entities = { dut: { properties: PROPERTIES } };
  const grown = await inventory.refusal('updateBench', { bench: { name: 'big', entities } });
  t.regex(String(grown.fields), /^bench: takes/, 'what two updates make together counts');
  const file = `pool: { resources: { big: { properties: ${JSON.stringify(larger)} } } }`;
  t.regex(t.throws(() => parseInventory(file)).message, /takes \d+ bytes in all/);
  const attributes = Array.from({ length: 200 }, (_, i) => `a${String(i)}`);
  const wide = await lease.open('acquire', { requirements: [{ attributes, count: 16 }] }).over;
  t.regex(String(wide?.fields), /name 3200 attributes, entities and labels.* at most 2000/);
});

test('the names of what an inventory changed are left out when there are too many, and counted', (t) => {
  const removed = Array.from({ length: 40_000 }, (_, i) => `${'x'.repeat(100)}${String(i)}`);
  const told = namesThatFit({ created: ['a'], updated: [], removed, unchanged: ['b'] });
  t.deepEqual([told.created, told.unchanged], [['a'], []]);
  t.true(told.removed.length > 15_000);
  t.is(told.removed.length + told.leftOut, 40_001);
});
