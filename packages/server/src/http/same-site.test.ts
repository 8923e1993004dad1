import { hostname } from 'node:os';
import test from 'ava';
import { openIdentity } from '../identity/identity.js';
import type { Identity } from '../identity/identity.js';
import { ask, reasonOf, serveHttp } from './http-server.fixture.js';

test('in open mode it answers to names that no site can point here, and to those of http.hosts', async (t) => {
  const server = await serveHttp(t, { hosts: ['Lab.example'] });
  const port = String(server.address.port);
  const asked = async (host: string): Promise<number> => (await ask(server, '/healthz', { headers: { host } })).status;
  for (const host of [
    'localhost',
    `localhost:${port}`,
    'LOCALHOST.',
    '127.0.0.1:1',
    '192.168.1.5',
    '[::1]:7080',
    hostname(),
    'lab.EXAMPLE:80',
  ]) {
    t.is(await asked(host), 200, host);
  }
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '2130706433',
    'lab.example.evil',
    '127.0.0.1.evil',
    '[::1',
    'a b',
  ]) {
    t.is(await asked(host), 403, host);
  }
  const refused = await ask(server, '/healthz', { headers: { host: 'evil.example' } });
  t.is(reasonOf(refused), 'FOREIGN_HOST');
});

test('a page of another origin is refused, whatever it asks for', async (t) => {
  const server = await serveHttp(t, { routes: (app) => app.post('/lock', () => 'locked') });
  const host = `127.0.0.1:${String(server.address.port)}`;
  const post = (headers: Record<string, string>) =>
    ask(server, '/lock', { method: 'POST', headers: { host, ...headers } });
  for (const origin of [
    'https://evil.example',
    'http://127.0.0.1:1',
    'http://localhost',
    'null',
    'file://',
    'nonsense',
  ]) {
    const answer = await post({ origin });
    t.deepEqual([answer.status, reasonOf(answer)], [403, 'FOREIGN_ORIGIN'], origin);
  }
  t.is((await post({ origin: `http://${host}` })).text, 'locked');
  t.is((await post({})).text, 'locked', 'curl sends none');
  t.is((await post({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status, 403);
  t.is((await post({ 'sec-fetch-site': 'same-origin' })).status, 200);
  const preflight = await ask(server, '/lock', {
    method: 'OPTIONS',
    headers: { host, origin: 'https://evil.example' },
  });
  t.is(preflight.status, 403);
  t.is(preflight.headers['access-control-allow-origin'], undefined);
});

test('a link of another site may be followed, and its picture not be loaded', async (t) => {
  const server = await serveHttp(t);
  const from = (mode: string) =>
    ask(server, '/healthz', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode } });
  t.is((await from('navigate')).status, 200);
  t.is((await from('no-cors')).status, 403);
});

test('with credentials any Host will do, and still no other origin, for browsers send Basic by themselves', async (t) => {
  const identity: Identity = { ...openIdentity(), open: false };
  const server = await serveHttp(t, { identity, hosts: ['lab.example'] });
  const asked = async (headers: Record<string, string>): Promise<number> =>
    (await ask(server, '/healthz', { headers })).status;
  t.is(await asked({ host: 'any.example' }), 200);
  t.is(await asked({ host: 'any.example', origin: 'https://any.example' }), 200);
  t.is(await asked({ host: 'any.example', origin: 'https://evil.example' }), 403);
  t.is(await asked({ host: 'inside:7080', origin: 'https://lab.example' }), 200, 'a proxy that changes Host');
});
