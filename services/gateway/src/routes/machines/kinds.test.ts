import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder, until } from '@berth/testkit';
import test from 'ava';
import { startHttpLab } from '../http-client.fixture.js';

const RACKS = `
kinds:
  racks:
    fields:
      name: { required: true, unique: true }
      height: { type: number, default: 42 }
      open: { type: boolean }
`;
const LOCK = '  lock:\n    fields: { name: { required: true, unique: true } }\n';

test('kinds are served as they are known at the time, but for names of other paths', async (t) => {
  const kinds = join(tempFolder(t), 'kinds.yaml');
  writeFileSync(kinds, RACKS);
  const lab = await startHttpLab({ settings: { tracker: { kindsFile: kinds } } });
  t.teardown(() => lab.stop());
  const { ask } = lab;

  t.is((await ask('POST', '/racks', { body: 'name=r1&open=true' })).status, 201);
  const read = await ask('GET', '/racks/r1');
  t.like(read.body, { name: 'r1', height: 42, open: true });
  const put = await ask('PUT', '/racks/r1', {
    body: { name: 'r1', open: false },
    headers: { 'if-match': read.headers.get('etag') ?? '' },
  });
  t.like(put.body, { name: 'r1', height: 42, open: false });
  t.is((await ask('POST', '/racks', { body: { name: 'room 1/left' } })).status, 201);
  t.like((await ask('GET', `/racks/${encodeURIComponent('room 1/left')}`)).body, { name: 'room 1/left' });

  t.is((await ask('GET', '/rooms')).status, 404);
  writeFileSync(`${kinds}.new`, `${RACKS}${LOCK}  rooms:\n    fields: { name: { unique: true } }\n`);
  renameSync(`${kinds}.new`, kinds);
  await until(async () => (await ask('GET', '/rooms')).status === 200, { what: 'the new kind', timeoutMs: 30_000 });
  t.is((await ask('POST', '/rooms', { body: { name: 'north' } })).status, 201);

  t.is((await ask('POST', '/v1/records/lock', { body: { record: { fields: { name: 'l1' } } } })).status, 200);
  t.is((await ask('GET', '/v1/records/lock/l1')).status, 200);
  const lock = await ask('DELETE', '/lock');
  t.is(lock.status, 405);
  t.regex(lock.text, /METHOD_NOT_ALLOWED/);
  t.is((await ask('GET', '/lock/l1')).status, 404);
});
