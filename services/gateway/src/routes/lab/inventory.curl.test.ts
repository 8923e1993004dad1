import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { requireServer, startBerthd, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curl } from './curl.fixture.js';

const TWO = `
pool:
  name: two
  resources:
    r1: { attributes: [a], location: office1 }
    r2: { attributes: [b] }
`;
const OTHER = TWO.replace('[b]', '[b, c]').replace('r1: { attributes: [a], location: office1 }', 'r3: {}');

if (requireServer(test, 'curl')) {
  let berthd: Berthd;
  let berth: Berth;
  test.before(async () => {
    berthd = await startBerthd({ settings: { http: { listen: '127.0.0.1:0' } } });
    berth = connect({ address: berthd.address, user: 'olga', role: 'operator' });
  });
  test.after.always(async () => {
    berth.close();
    await berthd.stop();
  });

  const url = (query: string): string => `${berthd.http ?? ''}/inventory?${query}`;
  const namesIn = async (lab: string) =>
    (await berth.inventory.listBenches({ lab })).benches.map(({ name, attributes }) => [
      name,
      attributes.map((attribute) => attribute.name).join(' '),
    ]);
  /** The arguments that send a text as a file. */
  function file(t: ExecutionContext, text: string | Buffer, how = '--data-binary'): string[] {
    const path = join(tempFolder(t), 'lab.yaml');
    writeFileSync(path, text);
    return ['-u', 'olga:', how, `@${path}`];
  }

  test('a file is applied, and the answer says what changed', async (t) => {
    const first = await curl(t, [...file(t, TWO), url('lab=apply')]);
    t.is(first.status, 200, first.body);
    t.is(first.type, 'application/json; charset=utf-8');
    t.like(JSON.parse(first.body), { created: ['r1', 'r2'], updated: [], removed: [], unchanged: [], dryRun: false });
    const would = await curl(t, [...file(t, OTHER), url('lab=apply&dry_run=1&prune=1')]);
    const changes = { created: ['r3'], updated: ['r2'], removed: ['r1'], unchanged: [] };
    t.like(JSON.parse(would.body), { ...changes, dryRun: true });
    t.deepEqual(await namesIn('apply'), [
      ['r1', 'a'],
      ['r2', 'b'],
    ]);
    const did = await curl(t, [...file(t, OTHER), url('lab=apply&prune=true')]);
    t.like(JSON.parse(did.body), { ...changes, dryRun: false });
    t.deepEqual(await namesIn('apply'), [
      ['r2', 'b c'],
      ['r3', ''],
    ]);
  });

  test('people get text, whatever the type of the body is', async (t) => {
    const text = ['-H', 'Accept: text/plain', '-H', 'Content-Type: application/yaml'];
    const would = await curl(t, [...file(t, TWO), ...text, url('lab=text&dry_run=1')]);
    t.is(would.body, 'to be created: r1, r2\n');
    const did = await curl(t, [...file(t, TWO), ...text, url('lab=text')]);
    t.is(did.body, 'created: r1, r2\n');
    t.is(did.type, 'text/plain; charset=utf-8');
    const again = await curl(t, [...file(t, TWO), ...text, url('lab=text')]);
    t.is(again.body, 'nothing changed\nunchanged: r1, r2\n');
  });

  test('faults are 422 with line, column and path, and the old inventory stays', async (t) => {
    await curl(t, [...file(t, TWO), url('lab=faults')]);
    const wrong = 'pool:\n  resources:\n    r1:\n      colour: red\n      attributes: a\n';
    const { status, body } = await curl(t, [...file(t, wrong), url('lab=faults')]);
    t.is(status, 422, body);
    const { faults, details } = JSON.parse(body) as { faults: { message: string }[]; details: object[] };
    t.like(details[0], { reason: 'INVALID_INVENTORY' });
    t.deepEqual(
      faults.map(({ message, ...place }) => [place, message.split(/[;.]/)[0]]),
      [
        [{ line: 4, column: 7, path: 'pool.resources.r1.colour' }, "unknown key 'colour'"],
        [{ line: 5, column: 19, path: 'pool.resources.r1.attributes' }, 'is the text "a"'],
      ],
    );
    const told = await curl(t, [...file(t, wrong), '-H', 'Accept: text/plain', url('lab=faults&dry_run=1')]);
    t.is(told.status, 422);
    t.regex(told.body, /^the inventory has 2 faults, and nothing was changed:\n {2}line 4, column 7, pool\.resources/);
    t.deepEqual(await namesIn('faults'), [
      ['r1', 'a'],
      ['r2', 'b'],
    ]);
  });

  test('a file that lost its line ends on the way is told how to be sent', async (t) => {
    const { status, body } = await curl(t, [...file(t, TWO, '-d'), url('lab=oneline')]);
    t.is(status, 422, body);
    const { faults } = JSON.parse(body) as { faults: { path: string; message: string }[] };
    t.regex(faults.at(-1)?.message ?? '', /came as a single line.*use `curl --data-binary @lab\.yaml`/);
    const json = await curl(t, ['-u', 'olga:', '-d', '{"pool": {"resources": {"r1": {}}}}', url('lab=oneline')]);
    t.like(JSON.parse(json.body), { created: ['r1'] }, 'JSON is YAML, also on one line');
  });

  test('what is no inventory is refused, and nothing is made', async (t) => {
    const empty = await curl(t, ['-u', 'olga:', '-X', 'POST', url('lab=wrong')]);
    t.is(empty.status, 422, empty.body);
    t.regex(empty.body, /the file is empty/);
    const latin = await curl(t, [...file(t, Buffer.from('pool: { name: "\xe9" }', 'latin1')), url('lab=wrong')]);
    t.is(latin.status, 422, latin.body);
    t.regex(latin.body, /is not text in UTF-8/);
    const form = await curl(t, ['-u', 'olga:', '-F', 'file=pool', url('lab=wrong')]);
    t.is(form.status, 415, form.body);
    t.regex(form.body, /--data-binary/);
    const large = await curl(t, [...file(t, `# ${'x'.repeat(950 * 1024)}\n${TWO}`), url('lab=wrong')]);
    t.is(large.status, 422, large.body.slice(0, 200));
    t.regex(large.body, /at most 921600 \(900 KiB\) are allowed/);
    const huge = await curl(t, [...file(t, Buffer.alloc(17 << 20, '#')), url('lab=wrong')]);
    t.is(huge.status, 413, huge.body.slice(0, 200));
    const option = await curl(t, [...file(t, TWO), url('lab=wrong&dryrun=1&prune=maybe')]);
    t.is(option.status, 400, option.body);
    t.regex(option.body, /dryrun: is no parameter here; did you mean 'dry_run'/);
    t.regex(option.body, /prune: is \\"maybe\\"; 1 or 0 is expected/);
    const user = await curl(t, [...file(t, TWO), '-H', 'berth-role: user', url('lab=wrong')]);
    t.is(user.status, 403, user.body);
    const lists = await t.throwsAsync(namesIn('wrong'));
    t.like(lists, { reason: 'NO_SUCH_LAB' });
  });
}
