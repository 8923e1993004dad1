import { startBerthd, tempFolder, until } from '@berth/testkit';
import test from 'ava';
import { berthd, servingPort } from './berthd-process.fixture.js';

test('all roles serve HTTP too, and say where; an address in use is told with the setting', async (t) => {
  const first = berthd(t, ['--listen', '127.0.0.1:0', '--data-dir', tempFolder(t), '--hints']);
  await servingPort(first);
  const [, url = ''] = /"http":"(http:\/\/127\.0\.0\.1:\d+)"/.exec(first.err()) ?? [];
  // The hints come after the line of the log, over a pipe of their own.
  await until(() => first.out().includes(`curl -s ${url}/`), { what: 'the hints' });
  t.true(first.out().includes(`over HTTP on ${url}`), first.out());
  const ready = await fetch(`${url}/readyz`);
  t.is(ready.status, 200);
  t.like(await ready.json(), { status: 'SERVING' });
  const second = berthd(t, [
    '--listen',
    '127.0.0.1:0',
    '--http',
    url.replace('http://', ''),
    '--data-dir',
    tempFolder(t),
  ]);
  t.is(await second.ended, 1);
  t.regex(second.err(), /another process listens on .*\(http\.listen\).*--http 127\.0\.0\.1:0/);
});

test('one role alone serves no HTTP unless it is told to', async (t) => {
  const plain = berthd(t, ['--role', 'lease', '--listen', '127.0.0.1:0', '--data-dir', tempFolder(t)]);
  await servingPort(plain);
  t.false(plain.err().includes('"http"'));
  const told = await startBerthd({ settings: { roles: ['lease'], http: { listen: '127.0.0.1:0' } } });
  t.teardown(() => told.stop());
  const metrics = await (await fetch(`${told.http ?? ''}/metrics`)).text();
  t.regex(metrics, /^berth_service_up\{service="berth\.lease\.v1\.LeaseService"\} 1$/m);
  t.regex(metrics, /^berth_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
});

test('an address for HTTP that other machines reach needs --insecure', async (t) => {
  const run = berthd(t, ['--listen', '127.0.0.1:0', '--http', '0.0.0.0:0', '--data-dir', tempFolder(t)]);
  t.is(await run.ended, 78);
  t.regex(run.err(), /refusing to listen on 0\.0\.0\.0:0: .*--insecure/);
});
