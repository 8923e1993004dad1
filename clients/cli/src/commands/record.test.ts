import { type Berthd, startBerthd } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berth } from '../berth-process.fixture.js';

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd();
});
test.after.always(async () => {
  await berthd.stop();
});

async function run(t: ExecutionContext, ...args: string[]) {
  return berth(t, { address: berthd.address, user: 'tony' }, ...args);
}

async function ok(t: ExecutionContext, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(t, ...args);
  t.is(code, 0, `berth ${args.join(' ')}: ${stderr}`);
  return stdout;
}

test.serial('a machine is created, listed, updated, deleted and brought back', async (t) => {
  t.is(
    await ok(t, 'record', 'create', '--json', '{"hostname":"my-machine","owner":"tony"}'),
    'my-machine is created (machines)\n',
  );
  t.regex(await ok(t, 'record', 'list'), /HOSTNAME +OWNER +ID\nmy-machine +tony +rec-/);
  t.is(await ok(t, 'record', 'list', '-r', 'public-addresses'), '');
  t.is(
    await ok(t, 'record', 'update', 'my-machine', '--json', '{"state":"in_use","owner":null}'),
    'my-machine is updated\n',
  );
  const shown = JSON.parse(await ok(t, 'record', 'get', 'my-machine', '-o', 'json')) as { id: string; fields: object };
  t.deepEqual(shown.fields, { hostname: 'my-machine', state: 'in_use' });
  t.regex(await ok(t, 'record', 'delete', 'my-machine'), /my-machine is deleted/);
  t.is(await ok(t, 'record', 'list', '-q'), '');
  t.regex(await ok(t, 'record', 'list', '--deleted'), /my-machine/);
  await ok(t, 'record', 'undelete', shown.id);
  t.is(await ok(t, 'record', 'list', '-q'), 'my-machine\n');
  const changes = await ok(t, 'record', 'changes', 'my-machine');
  t.deepEqual(
    [...changes.matchAll(/tony +(\w+) +rec-/g)].map(([, did]) => did),
    ['undelete', 'delete', 'update', 'create'],
  );
  t.regex(changes, /update .*owner tony →, state → in_use|update .*state → in_use, owner tony →|update .*owner tony/);
});

test.serial('a wrong state names those allowed, a second hostname the record that has it', async (t) => {
  const wrong = await run(t, 'record', 'create', '--json', '{"hostname":"m2","state":"broken"}');
  t.is(wrong.code, 64);
  t.regex(wrong.stderr, /state: is "broken"; allowed are pxe, pxe_failed, idle, needs_repair, in_use/);
  await ok(t, 'record', 'create', '--json', '{"hostname":"m3","owner":"ann"}');
  const id = (JSON.parse(await ok(t, 'record', 'get', 'm3', '-o', 'json')) as { id: string }).id;
  const second = await run(t, 'record', 'create', '--json', '{"hostname":"m3"}');
  t.is(second.code, 1);
  t.regex(second.stderr, new RegExp(`"m3" is that of record ${id} \\(owner ann\\).*\\[RECORD_EXISTS\\]`));
  t.is((await run(t, 'record', 'create', '--json', '{"owner":"x"}')).code, 64);
  t.is((await run(t, 'record', 'create', '--json', 'hostname')).code, 64);
});

test.serial('a stale etag changes nothing, and without one the record is read afresh', async (t) => {
  await ok(t, 'record', 'create', '--json', '{"hostname":"m4","state":"idle"}');
  const seen = (JSON.parse(await ok(t, 'record', 'get', 'm4', '-o', 'json')) as { etag: string }).etag;
  await ok(t, 'record', 'update', 'm4', '--json', '{"state":"pxe"}');
  const stale = await run(t, 'record', 'update', 'm4', '--json', '{"state":"in_use"}', '--etag', seen);
  t.is(stale.code, 1);
  t.regex(stale.stderr, /\[STALE_ETAG\]/);
  t.is((await run(t, 'record', 'delete', 'm4', '--etag', seen)).code, 1);
  t.regex(await ok(t, 'record', 'get', 'm4'), /state +pxe/);
});

test.serial('a record can be shown as YAML and JSON, and --json on a list tells how', async (t) => {
  await ok(t, 'record', 'create', '--json', '{"hostname":"m5","tags":["a","b"]}');
  t.regex(await ok(t, 'record', 'get', 'm5', '-o', 'yaml'), /fields:\n {2}hostname: m5\n {2}tags:\n {4}- a\n {4}- b\n/);
  const list = await run(t, 'record', 'list', '--json');
  t.is(list.code, 64);
  t.regex(list.stderr, /unknown option '--json'\n.*-o json/);
});

test.serial('a deleted record comes back by its name, and control characters are refused', async (t) => {
  await ok(t, 'record', 'create', '--json', '{"hostname":"m6"}');
  await ok(t, 'record', 'delete', 'm6');
  t.is(await ok(t, 'record', 'undelete', 'm6'), 'm6 is back\n');
  const odd = await run(t, 'record', 'get', 'm\u001b[31m');
  t.is(odd.code, 64);
  t.false(odd.stderr.includes('\u001b'));
  const kind = await run(t, 'record', 'list', '-r', '\u001b[31m');
  t.regex(kind.stderr, /^berth: there is no kind '\\u001b\[31m'; there are address-ranges/);
});

test.serial('filters, order and a list of records in one call', async (t) => {
  const json = JSON.stringify(
    ['web-1', 'web-2', 'db-1'].map((hostname, i) => ({ hostname, job_id: `j${String(i)}`, state: 'idle' })),
  );
  await ok(t, 'record', 'create', '--json', json);
  t.is(await ok(t, 'record', 'list', '-q', '--filter', 'hostname=web-*', '--sort', 'hostname desc'), 'web-2\nweb-1\n');
  t.is(
    await ok(t, 'record', 'list', '-q', '--filter', 'job_id=j0', '--filter', 'job_id=j2', '--sort', 'hostname'),
    'db-1\nweb-1\n',
  );
  t.is(await ok(t, 'record', 'list', '-q', '--filter', 'hostname>=web-2'), 'web-2\n');
  const twice = await run(t, 'record', 'create', '--json', '[{"hostname":"new-1"},{"hostname":"web-1"}]');
  t.is(twice.code, 1);
  t.is(await ok(t, 'record', 'list', '-q', '--filter', 'hostname=new-1'), '', 'all or none');
  const cut = await run(t, 'record', 'list', '--limit', '1');
  t.regex(cut.stderr, /there are more/);
});

test.serial('records and addresses are claimed and released; more than is free is refused', async (t) => {
  await ok(t, 'record', 'create', '--json', '[{"hostname":"c1","owner":"pool"},{"hostname":"c2","owner":"pool"}]');
  const claim = ['record', 'claim', '--filter', 'owner=pool', '--owner', 'job-1'];
  t.is((await ok(t, ...claim, '-q', '--count', '2')).trim().split('\n').length, 2);
  const refused = await run(t, ...claim);
  t.is(refused.code, 75);
  t.regex(refused.stderr, /\[NOT_ENOUGH_FREE\]/);
  t.regex(await ok(t, 'record', 'release', 'c1', 'c2', '--owner', 'job-1'), /released 2 of 2/);
  await ok(t, 'record', 'create', '-r', 'address-ranges', '--json', '{"name":"lab","range":"10.9.0.0/30"}');
  t.is(await ok(t, 'record', 'claim', '-q', '--range', 'lab', '--count', '2'), '10.9.0.1\n10.9.0.2\n');
  const none = await run(t, 'record', 'claim', '--range', 'lab', '--count', '5');
  t.is(none.code, 75);
  t.regex(none.stderr, /5 of private-addresses in 10\.9\.0\.1-10\.9\.0\.2 were to be claimed, none is free/);
  t.regex(await ok(t, 'record', 'release', '-r', 'private-addresses', '10.9.0.1'), /released 1 of 1/);
  t.is(await ok(t, 'record', 'claim', '-q', '--range', 'lab'), '10.9.0.1\n');
});

test.serial('kinds say what records look like', async (t) => {
  t.regex(await ok(t, 'kinds'), /machines +hostname +hostname owner state job_id tags/);
  t.regex(await ok(t, 'kinds', 'machines'), /state +string +pxe, pxe_failed, idle, needs_repair, in_use/);
  t.like(JSON.parse(await ok(t, 'kinds', 'machines', '-o', 'json')), {
    name: 'machines',
    nameField: 'hostname',
    builtIn: true,
  });
  t.regex((await run(t, 'kinds', 'ships')).stderr, /\[NO_SUCH_KIND\]/);
});
