import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@berth/testkit';
import test from 'ava';
import { berthd } from './berthd-process.fixture.js';

const CONFIG_FAULT = 78;

test('--help shows flags and examples', async (t) => {
  const run = berthd(t, ['--help']);
  t.is(await run.ended, 0);
  t.regex(run.out(), /--inventory <file>/);
  t.regex(run.out(), /Examples:\n {2}berthd --all/);
});

test('config print shows the effective configuration with secrets hidden', async (t) => {
  const args = ['config', 'print', '-o', 'json', '--config', 'examples/berthd.yaml', '--redis', 'redis://:hunter2@h:1'];
  const run = berthd(t, args, { BERTH_LEASE_BACKFILL: 'true' });
  t.is(await run.ended, 0);
  const config = JSON.parse(run.out()) as { store: string; redis: { url: string }; lease: { backfill: boolean } };
  t.is(config.store, 'redis');
  t.is(config.redis.url, 'redis://:[hidden]@h:1');
  t.true(config.lease.backfill);
});

test('config validate tells every fault with its line, and what is allowed', async (t) => {
  const file = join(tempFolder(t), 'berthd.yaml');
  writeFileSync(file, 'listen: 127.0.0.1:7070\nstore: floppy\nlease:\n  backfil: true\n');
  const run = berthd(t, ['config', 'validate', '--config', file]);
  t.is(await run.ended, CONFIG_FAULT);
  t.true(run.err().includes(`${file}:2:1: store: Invalid option: expected one of "sqlite"|"redis"`), run.err());
  const unknown = "there is no such setting; did you mean 'backfill'? Allowed here: priorityPointMs, backfill";
  t.true(run.err().includes(`${file}:4:3: lease.backfil: ${unknown}`), run.err());
});

test('the sample configuration is good', async (t) => {
  const run = berthd(t, ['config', 'validate', '--config', 'examples/berthd.yaml']);
  t.is(await run.ended, 0, run.err());
});

for (const [what, args, told] of [
  [
    'an address that other machines reach',
    ['--listen', '0.0.0.0:0'],
    /refusing to listen on 0\.0\.0\.0:0: .*--insecure/,
  ],
  ['an address that is none', ['--listen', 'here'], /"here" is no address to listen on; write HOST:PORT/],
  ['an inventory that is not there', ['--inventory', 'nowhere.yaml'], /inventory nowhere\.yaml: there is no such file/],
  ['a configuration that is not there', ['--config', 'nowhere.yaml'], /nowhere\.yaml: there is no such file/],
] as const) {
  test(`refused with exit code 78: ${what}`, async (t) => {
    const run = berthd(t, [...args, '--data-dir', tempFolder(t)]);
    t.is(await run.ended, CONFIG_FAULT);
    t.regex(run.err(), told);
    t.notRegex(run.err(), / {4}at /);
  });
}

test('a role that does not exist is refused with those that do', async (t) => {
  const run = berthd(t, ['--role', 'broom']);
  t.is(await run.ended, 1);
  t.regex(run.err(), /Allowed: lease, tracker, pool, booking, gateway\./);
});
