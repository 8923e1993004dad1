import { BerthError } from '@berth/kernel';
import { pino } from 'pino';
import test from 'ava';
import { callEcho, failure } from '../calls/echo-client.fixture.js';
import { serveEcho, word } from '../calls/echo-service.fixture.js';
import { ask, serveHttp } from '../http/http-server.fixture.js';
import type { AccessLogMode } from './access-log.js';
import { accessLogOf } from './access-log.js';

type Line = Record<string, unknown>;

function logOf(mode: AccessLogMode) {
  const lines: Line[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line) as Line) });
  return { lines, accessLog: accessLogOf(mode, log) };
}

test('a call is one line: who, what, how it ended, how long it took; never what its caller showed', async (t) => {
  const { lines, accessLog } = logOf('all');
  const { client } = await serveEcho(
    t,
    {
      echo: (request) => {
        if (request.reason === 'fail') throw new BerthError('BENCH_BUSY', 'busy');
        return Promise.resolve(request);
      },
    },
    { accessLog },
  );
  const metadata = { 'berth-user': 'ann', authorization: 'Bearer very-secret' };
  await callEcho(client, word('ok'), { metadata });
  await failure(callEcho(client, word('fail'), { metadata }));
  await failure(callEcho(client, word('ok'), { metadata: { 'berth-role': 'king' } }));
  t.like(lines[0], { msg: 'call', method: '/berth.test.v1.Echo/Echo', code: 'OK', caller: 'ann', via: 'open' });
  t.regex(String(lines[0]?.['requestId']), /^[\da-f]{8}-[\da-z]+$/);
  t.regex(String(lines[0]?.['peer']), /127\.0\.0\.1:\d+$/);
  t.is(typeof lines[0]?.['ms'], 'number');
  t.like(lines[1], { code: 'RESOURCE_EXHAUSTED', reason: 'BENCH_BUSY', caller: 'ann' });
  t.like(lines[2], { code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
  t.is(lines.length, 3);
  t.not(lines[0]?.['requestId'], lines[1]?.['requestId']);
  t.false(JSON.stringify(lines).includes('secret'));
});

test('a request over HTTP is one line without its query; probes have none', async (t) => {
  const { lines, accessLog } = logOf('all');
  const server = await serveHttp(t, { accessLog, routes: (app) => app.get('/benches/:name', () => 'ok') });
  await ask(server, '/benches/b1?token=secret', { headers: { 'berth-user': 'ann' } });
  await ask(server, '/healthz');
  await ask(server, '/nowhere');
  t.is(lines.length, 2);
  t.like(lines[0], { msg: 'call', method: 'GET /benches/b1', code: 200, caller: 'ann' });
  t.like(lines[1], { method: 'GET /nowhere', code: 404 });
  t.false(JSON.stringify(lines).includes('secret'));
});

test('of those that failed only, and of none', async (t) => {
  const { lines, accessLog } = logOf('failed');
  const { client } = await serveEcho(t, {}, { accessLog });
  await callEcho(client, word('ok'));
  await failure(callEcho(client, word('ok'), { metadata: { 'berth-role': 'king' } }));
  t.is(lines.length, 1);
  t.is(logOf('off').accessLog, undefined);
});
