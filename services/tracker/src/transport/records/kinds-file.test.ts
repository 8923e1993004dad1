import type { Logger } from '@berth/kernel';
import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError, systemClock } from '@berth/kernel';
import { tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { refused } from '../tracker-server.fixture.js';
import type { ServedRecords } from './record-server.fixture.js';
import { openPlace, serveRecords } from './record-server.fixture.js';

const clock = systemClock(false);
const RACKS = 'kinds: { racks: { fields: { name: { unique: true, required: true } } } }';

interface TestKinds extends ServedRecords {
  /** Replaces the file, as an editor does. */
  readonly write: (text: string) => void;
  readonly errors: string[];
  readonly warnings: string[];
}

/** With a target, the file is a link to that. */
async function startKinds(t: ExecutionContext, text: string, target?: string): Promise<TestKinds> {
  const kindsFile = join(tempFolder(t), 'kinds.yaml');
  const write = (content: string): void => {
    writeFileSync(`${kindsFile}.new`, content);
    renameSync(`${kindsFile}.new`, kindsFile);
  };
  if (target === undefined) write(text);
  else {
    writeFileSync(target, text);
    symlinkSync(target, kindsFile);
  }
  const errors: string[] = [];
  const warnings: string[] = [];
  const logger: Logger = {
    info: () => undefined,
    warn: (_, message) => void warnings.push(message),
    error: (_, message) => void errors.push(message),
  };
  const served = await serveRecords(await openPlace({ dir: ':memory:' }), { clock, kindsFile, logger });
  t.teardown(() => served.stop());
  return { ...served, write, errors, warnings };
}

async function kindNames({ records }: ServedRecords): Promise<string[]> {
  return (await records.listKinds({})).kinds.filter(({ builtIn }) => !builtIn).map(({ name }) => name);
}

test('records of a configured kind are kept by its rules', async (t) => {
  const { records } = await startKinds(t, RACKS);
  const { kind } = await records.describeKind({ kind: 'racks' });
  t.is(kind?.nameField, 'name');
  await records.createRecord({ record: { kind: 'racks', fields: { name: 'r1' } } });
  t.truthy((await records.getRecord({ kind: 'racks', name: 'r1' })).record);
});

test('a kind with the name of a path over HTTP is used, and it is told where its records are then', async (t) => {
  const served = await startKinds(t, RACKS.replace('racks', 'lock'));
  t.deepEqual(await kindNames(served), ['lock']);
  t.is(served.warnings.length, 1);
  t.regex(served.warnings[0] ?? '', /^the kind lock is reached at \/v1\/records\/lock only/);
  served.write(RACKS);
  await until(async () => (await kindNames(served)).includes('racks'), { what: 'the other kind' });
  t.is(served.warnings.length, 1);
});

test('a file that changes is read again by itself', async (t) => {
  const served = await startKinds(t, RACKS);
  served.write(RACKS.replace('racks', 'rooms'));
  await until(async () => (await kindNames(served)).includes('rooms'), { what: 'the new kind' });
  t.deepEqual(await kindNames(served), ['rooms']);
});

test('SIGHUP reads the file again, also where no change of its folder is seen', async (t) => {
  const target = join(tempFolder(t), 'kinds.yaml');
  const served = await startKinds(t, RACKS, target);
  writeFileSync(target, RACKS.replace('racks', 'rooms'));
  process.kill(process.pid, 'SIGHUP');
  await until(async () => (await kindNames(served)).includes('rooms'), { what: 'the new kind' });
  t.deepEqual(await kindNames(served), ['rooms']);
});

test('a file with faults leaves the kinds of before in use, and is logged', async (t) => {
  const served = await startKinds(t, RACKS);
  served.write('kinds: { rooms: { fields: { n: { type: odd } } } }');
  await served.reloadKinds();
  t.regex(served.errors.join('\n'), /kinds\.yaml:1:\d+: kinds\.rooms\.fields\.n\.type: /);
  t.deepEqual(await kindNames(served), ['racks']);
});

test('a field comes and goes without its records being written again', async (t) => {
  const served = await startKinds(t, RACKS);
  const { records } = served;
  await records.createRecord({ record: { kind: 'racks', fields: { name: 'r1' } } });
  served.write(RACKS.replace('name:', 'size: { type: number }, name:'));
  await served.reloadKinds();
  await records.createRecord({ record: { kind: 'racks', fields: { name: 'r2', size: 42 } } });
  const filters = [{ field: 'size', condition: { $case: 'range', value: { from: 10, until: undefined } } as const }];
  t.is((await records.listRecords({ kind: 'racks', filters })).records.length, 1);
  served.write(RACKS);
  await served.reloadKinds();
  const { record } = await records.getRecord({ kind: 'racks', name: 'r2' });
  t.deepEqual(record?.fields, { name: 'r2', size: 42 });
  const update = { kind: 'racks', name: 'r2', updateMask: ['size'], record: { etag: record?.etag ?? '' } };
  t.deepEqual((await records.updateRecord(update)).record?.fields, { name: 'r2' });
});

test('the type of a field stays while there are records', async (t) => {
  const served = await startKinds(t, RACKS);
  const asNumber = RACKS.replace('{ unique', '{ type: number, unique');
  served.write(asNumber);
  await served.reloadKinds();
  t.deepEqual(served.errors, []);
  await served.records.createRecord({ record: { kind: 'racks', fields: { name: 7 } } });
  served.write(RACKS);
  await served.reloadKinds();
  t.regex(served.errors.join('\n'), /kinds\.racks\.fields\.name: is STRING now and was NUMBER/);
  const text = served.records.createRecord({ record: { kind: 'racks', fields: { name: 'r' } } });
  t.is((await refused(t, text)).reason, 'RECORD_INVALID');
});

test('a service does not start with a file that has faults', async (t) => {
  const error = await t.throwsAsync(startKinds(t, 'kinds: 7'), { instanceOf: BerthError });
  t.is(error.reason, 'INVALID_CONFIG');
});

test('kinds that are too many for one answer are no file that is used', async (t) => {
  const served = await startKinds(t, RACKS);
  const description = '測'.repeat(1000);
  const fields = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${String(i)}`, { description }]));
  const kinds = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${String(i)}`, { fields }]));
  served.write(JSON.stringify({ kinds }));
  await served.reloadKinds();
  t.regex(served.errors.at(-1) ?? '', /its kinds take \d+ bytes in an answer; at most 2097152 \(2 MiB\) are allowed/);
  t.is((await served.records.listKinds({})).kinds.filter(({ builtIn }) => !builtIn).length, 1);
});
