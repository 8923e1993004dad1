import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { requireServer, startBerthd } from '@berth/testkit';
import test from 'ava';
import { curl } from './curl.fixture.js';

const EXAMPLES = join(import.meta.dirname, '../../../../../examples');

if (requireServer(test, 'curl')) {
  let berthd: Berthd;
  test.before(async () => {
    berthd = await startBerthd({
      inventory: readFileSync(join(EXAMPLES, 'inventory.yaml'), 'utf8'),
      settings: { http: { listen: '127.0.0.1:0' }, pool: { file: join(EXAMPLES, 'pools.yaml') } },
    });
  });
  test.after.always(() => berthd.stop());

  const url = (path: string): string => `${berthd.http ?? ''}${path}`;

  test('curl prints benches, holders, queue, pools and leaks', async (t) => {
    await using berth = connect({ address: berthd.address, user: 'ann' });
    await using lease = await berth.acquire({ bench: 'resource1', description: 'flash \u202etest' });
    const { status, type, body } = await curl(t, [url('/')]);
    t.is(status, 200);
    t.is(type, 'text/plain; charset=utf-8');
    t.regex(
      body,
      /^lab default at \d\d:\d\d\n\nBENCHES {2}\d+: \d+ held, \d+ free, 0 out of service\n\nBENCH +LOCATION/,
    );
    t.regex(body, new RegExp(String.raw`^resource1 +office1 .* held +ann +.*flash \\u202etest$`, 'm'));
    t.regex(body, /^QUEUE {2}nobody waits$/m);
    t.regex(body, /^POOLS {2}2\n\nPOOL +STATE/m);
    t.regex(body, /^LEAKS {2}/m);
    t.is(lease.bench.name, 'resource1');
  });

  test('a browser gets the page with a policy that lets nothing run', async (t) => {
    const { status, type, body } = await curl(t, ['-i', '-H', 'Accept: text/html,*/*;q=0.8', url('/')]);
    t.is(status, 200);
    t.is(type, 'text/html; charset=utf-8');
    t.regex(body, /^content-security-policy: default-src 'none'; style-src 'sha256-[^']+'; /m);
    t.regex(body, /^cache-control: no-store\r$/m);
    t.regex(body, /^vary: accept\r$/m);
    t.regex(body, /<!doctype html>/);
  });

  test('another lab, a lab that there is not, a wrong parameter, another method', async (t) => {
    const none = await curl(t, [url('/?lab=nolab')]);
    t.is(none.status, 404, none.body);
    t.regex(none.body, /NO_SUCH_LAB/);
    const wrong = await curl(t, [url('/?labb=x')]);
    t.is(wrong.status, 400, wrong.body);
    t.regex(wrong.body, /labb: is no parameter here; did you mean 'lab'/);
    const head = await curl(t, ['-I', url('/')]);
    t.is(head.status, 200);
    const put = await curl(t, ['-i', '-X', 'PUT', url('/')]);
    t.is(put.status, 405, put.body);
    t.regex(put.body, /^allow: GET, HEAD, POST\r$/im);
  });
}
