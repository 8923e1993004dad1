import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import type { AcquireRequest } from '@berth/proto/berth/lease/v1/lease_service';
import type { CallError } from '@berth/testkit/test-client';
import test from 'ava';
import { INVENTORY, serveLab } from './lab-server.fixture.js';

type AcquireFields = Parameters<typeof AcquireRequest.fromPartial>[0];
const BENCH = [{ bench: 'resource1' }];

const wrongAcquires: readonly (readonly [string, AcquireFields, string, RegExp])[] = [
  ['an empty request', {}, 'INVALID_FIELD', /^requirements: is empty; ask for at least one bench/],
  ['an empty requirement', { requirements: [{}] }, 'INVALID_FIELD', /^requirements\[0\]: asks for nothing/],
  [
    'count 0',
    { requirements: [{ bench: 'resource1', count: 0 }] },
    'INVALID_FIELD',
    /^requirements\[0\]\.count: is 0; at least 1/,
  ],
  [
    'a negative wait',
    { requirements: BENCH, waitTimeout: { seconds: -5, nanos: 0 } },
    'INVALID_FIELD',
    /^wait_timeout: is -5 s; it must not be negative/,
  ],
  [
    'a negative ttl',
    { requirements: BENCH, hold: HoldMode.TTL, ttl: { seconds: -5, nanos: 0 } },
    'INVALID_FIELD',
    /^ttl: is -5 s/,
  ],
  [
    'a wrong query',
    { requirements: [{ query: 'location=x&nonsense' }] },
    'INVALID_QUERY',
    /^requirements\[0\]\.query: at position 12: unknown key 'nonsense'/,
  ],
];

for (const [what, request, reason, field] of wrongAcquires) {
  test(`${what} is refused with reason and field path, and nothing changes`, async (t) => {
    const { lease } = await serveLab(t);
    const before = await lease.call('listLeases', {});
    const error = await lease.open('acquire', request).over;
    t.deepEqual([error?.code, error?.reason], ['INVALID_ARGUMENT', reason]);
    t.regex(error?.fields[0] ?? '', field);
    const after = await lease.call('listLeases', {});
    t.is(after.revision, before.revision);
    t.is((await lease.call('listQueue', {})).waiting, 0);
  });
}

test('a booking that the lab does not know is refused with NO_SUCH_BOOKING', async (t) => {
  const { lease } = await serveLab(t);
  const error = await lease.open('acquire', { requirements: BENCH, booking: 'b' }).over;
  t.deepEqual([error?.code, error?.reason], ['NOT_FOUND', 'NO_SUCH_BOOKING']);
});

const wrongFiles = [
  ['bad YAML', 'pool: [', /^yaml: line 1, column \d+: /],
  [
    'an unknown key',
    INVENTORY.replace('location', 'locatoin'),
    /^pool\.resources\.resource1\.locatoin: line 7, column 7: unknown key 'locatoin'; did you mean 'location'\?/,
  ],
  [
    'a duplicate bench',
    INVENTORY.replace('twin2:', 'twin1:'),
    /^pool\.resources\.twin1: line 16, column 5: 'twin1' stands twice, first in line 15/,
  ],
  ['an empty file', '', /^yaml: line 1, column 1: the file is empty/],
  [
    'a number for a text',
    INVENTORY.replace('"office1"', '17'),
    /^pool\.resources\.resource1\.location: line 7, column 17: is the number 17; a text is expected; write it in quotes: "17"/,
  ],
  [
    'a NUL in a property',
    INVENTORY.replace('api_key: foobar', 'api_key: "foo\\0bar"'),
    /^pool\.resources\.resource1\.entities\.dut\.properties\.api_key: .*has control characters; only new line and tab/,
  ],
] as const;

for (const [what, value, field] of wrongFiles) {
  test(`an inventory with ${what} is refused, and the old one stays`, async (t) => {
    const { inventory } = await serveLab(t);
    const before = await inventory.call('listBenches', {});
    const error = await inventory.refusal('applyInventory', { inventory: { $case: 'yaml', value }, prune: true });
    t.deepEqual([error.code, error.reason], ['INVALID_ARGUMENT', 'INVALID_INVENTORY']);
    t.regex(error.fields[0] ?? '', field);
    t.deepEqual(await inventory.call('listBenches', {}), before);
  });
}

test('an unknown bench is named, with what to do', async (t) => {
  const { lease, inventory } = await serveLab(t);
  const read = await inventory.refusal('getBench', { name: 'resource9' });
  t.deepEqual([read.code, read.reason], ['NOT_FOUND', 'NO_SUCH_BENCH']);
  t.is(read.text, "there is no bench 'resource9'; did you mean 'resource1'? List what there is: berth bench ls.");
  const wanted = await lease.open('acquire', { requirements: [{ bench: 'resource9' }] }).over;
  t.deepEqual([wanted?.code, wanted?.reason], ['NOT_FOUND', 'NO_SUCH_BENCH']);
});

test('a message of 2 MB is refused with its size and the limit', async (t) => {
  const { lease, inventory } = await serveLab(t);
  const huge = await lease.open('acquire', { requirements: BENCH, description: 'x'.repeat(2_000_000) }).over;
  t.deepEqual([huge?.code, huge?.reason], ['RESOURCE_EXHAUSTED', 'MESSAGE_TOO_LARGE']);
  t.regex(huge?.text ?? '', /2\d{6} bytes and at most 1048576/);
  const file = await inventory.refusal('applyInventory', {
    inventory: { $case: 'yaml', value: `# ${'x'.repeat(1_000_000)}` },
  });
  t.deepEqual([file.code, file.reason], ['INVALID_ARGUMENT', 'INVALID_INVENTORY']);
  t.regex(file.fields[0] ?? '', /^yaml: has 1000002 bytes; at most 921600 \(900 KiB\) are allowed/);
});

test('a lab with another alphabet is refused by every method', async (t) => {
  const { lease, inventory } = await serveLab(t);
  const field = "lab: is '../x'; allowed are 1 to 63 of a-z, 0-9 and '-', or nothing for 'default'";
  const lab = '../x';
  const acquire = await lease.open('acquire', { requirements: BENCH, lab }).over;
  t.deepEqual(acquire?.fields, [field]);
  t.deepEqual((await lease.refusal('getLease', { lab, leaseId: 'l' })).fields, [field]);
  t.deepEqual((await lease.refusal('listQueue', { lab })).fields, [field]);
  t.deepEqual((await inventory.refusal('listBenches', { lab })).fields, [field]);
  t.deepEqual((await inventory.refusal('deleteBench', { lab, name: 'twin1' })).fields, [field]);
});

test('required fields are named when they are missing', async (t) => {
  const { lease, inventory } = await serveLab(t);
  for (const method of ['renew', 'release', 'getLease'] as const) {
    t.deepEqual((await lease.refusal(method, {})).fields, ['lease_id: is required'], method);
  }
  t.deepEqual((await lease.refusal('cancelRequest', {})).fields, ['target_request_id: is required']);
  t.deepEqual((await lease.refusal('checkToken', {})).fields, ['bench: is empty; give a name']);
  t.deepEqual((await inventory.refusal('createBench', {})).fields, ['bench: is missing; give at least its name']);
  t.deepEqual((await inventory.refusal('applyInventory', {})).fields, [
    "inventory: is missing; give 'yaml' (a file's text) or 'benches'",
  ]);
  t.deepEqual((await inventory.refusal('putOffer', {})).fields, ["offer: is missing; give at least its pool's name"]);
  t.deepEqual((await inventory.refusal('deleteOffer', {})).fields, ['pool: is empty; give a name']);
  t.deepEqual((await inventory.refusal('finishCleaning', {})).fields, [
    'name: is empty; give a name',
    'fencing_token: is 0; give the cleaning_token that the bench had when it was cleaned',
  ]);
  t.deepEqual((await inventory.refusal('setCondition', {})).fields, [
    'name: is empty; give a name',
    'condition: is missing; its state is one of READY (1), MAINTENANCE (2), QUARANTINED (3), OFFLINE (4)',
  ]);
});

test('a property has no control characters but new line and tab', async (t) => {
  const { inventory } = await serveLab(t);
  const bench = (value: string) => ({
    bench: { name: 'resource1', properties: { note: value } },
    updateMask: ['properties'],
  });
  for (const value of ['a\0b', 'a\u001b[31m', 'a\rb', 'a\u0085b']) {
    const error = await inventory.call('updateBench', bench(value)).catch((fault: unknown) => fault as CallError);
    t.like(error, { reason: 'INVALID_FIELD' }, JSON.stringify(value));
  }
  await inventory.call('updateBench', bench('two\n\tlines'));
});
