import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBerthd, tempFolder } from '@berth/testkit';
import test from 'ava';

test('over HTTP a caller is told how it was shown, not how the gateway was', async (t) => {
  const tokens = join(tempFolder(t), 'tokens.yaml');
  const sha256 = createHash('sha256').update('secret').digest('hex');
  writeFileSync(tokens, JSON.stringify([{ name: 'ci', role: 'operator', team: 'lab3', sha256 }]));
  const berthd = await startBerthd({ settings: { auth: { tokens }, http: { listen: '127.0.0.1:0' } } });
  t.teardown(() => berthd.stop());
  const url = `${berthd.http ?? ''}/v1/whoami`;
  const bearer = await fetch(url, { headers: { authorization: 'Bearer secret' } });
  t.deepEqual(await bearer.json(), { name: 'ci', role: 'operator', team: 'lab3', via: 'token', by: '', benches: [] });
  const basic = `Basic ${Buffer.from('anything:secret').toString('base64')}`;
  t.is((await fetch(url, { headers: { authorization: basic } })).status, 200);
  t.is((await fetch(url)).status, 401);
  t.is((await fetch(url, { headers: { authorization: 'Bearer wrong' } })).status, 401);
});
