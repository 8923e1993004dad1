import { once } from 'node:events';
import { connect } from 'node:net';
import { BerthError } from '@berth/kernel';
import { until } from '@berth/testkit';
import test from 'ava';
import { ask, reasonOf, serveHttp } from './http-server.fixture.js';

test('a route knows its caller: metadata, or the user of Basic, of which the password is no name', async (t) => {
  const server = await serveHttp(t, {
    routes: (app) => app.get('/me', ({ caller }) => ({ name: caller.name, role: caller.role })),
  });
  const me = async (headers: Record<string, string>): Promise<string> => (await ask(server, '/me', { headers })).text;
  t.is(await me({}), '{"name":"anonymous","role":"operator"}');
  t.is(await me({ 'berth-user': 'ann', 'berth-role': 'user' }), '{"name":"ann","role":"user"}');
  t.is(await me({ authorization: basic('ann:secret') }), '{"name":"ann","role":"operator"}');
  t.is(await me({ authorization: basic('Ольга:') }), '{"name":"Ольга","role":"operator"}');
  t.is(await me({ 'berth-user-bin': Buffer.from('jörg').toString('base64') }), '{"name":"jörg","role":"operator"}');
  t.is((await ask(server, '/me', { headers: { 'berth-role': 'king' } })).status, 400);
});

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

test('with an identity that wants credentials: 401 asks for Basic and Bearer, and a token may be the password', async (t) => {
  const shownTo: (string | undefined)[] = [];
  const server = await serveHttp(t, {
    identity: {
      open: false,
      callerOf: (shown) => {
        const token = shown.text('authorization');
        shownTo.push(shown.text('berth-user'));
        if (token === 'Bearer good') return Promise.resolve({ name: 'ann', role: 'viewer', via: 'token' });
        throw new BerthError('NOT_AUTHENTICATED', 'show a token');
      },
    },
    routes: (app) => {
      app.get('/me', ({ caller }) => caller.name);
      app.get('/secret', { config: { access: 'operator' } }, () => 'secret');
    },
  });
  const none = await ask(server, '/me');
  t.is(none.status, 401);
  t.is(reasonOf(none), 'NOT_AUTHENTICATED');
  t.is(none.headers['www-authenticate'], 'Basic realm="Berth", charset="UTF-8", Bearer realm="Berth"');
  t.is((await ask(server, '/me', { headers: { authorization: 'Bearer good' } })).text, 'ann');
  t.is((await ask(server, '/me', { headers: { authorization: basic('somebody:good') } })).text, 'ann');
  t.is((await ask(server, '/me', { headers: { authorization: basic('good:') } })).status, 401);
  t.deepEqual(new Set(shownTo), new Set([undefined]), 'the user of Basic is no claim to be somebody');
  const secret = await ask(server, '/secret', { headers: { authorization: 'Bearer good' } });
  t.deepEqual([secret.status, reasonOf(secret)], [403, 'PERMISSION_DENIED']);
  t.is((await ask(server, '/healthz')).status, 200, 'a probe needs no credentials');
});

test('an unknown path is 404 with the nearest one, a wrong method 405 with those that there are', async (t) => {
  const server = await serveHttp(t, {
    routes: (app) => {
      app.post('/lock', () => 'ok');
      app.get('/machines/:id', () => 'ok');
      app.get('/:kind/:id', (_request, reply) => reply.callNotFound());
      app.known.paths.push('/v1/benches/{name}');
    },
  });
  const missing = async (path: string): Promise<string> => {
    const answer = await ask(server, path);
    t.deepEqual([answer.status, answer.json.code, reasonOf(answer)], [404, 5, 'NO_SUCH_PATH']);
    return answer.json.message;
  };
  t.regex(await missing('/lok'), /nothing at \/lok; did you mean '\/lock'\?/);
  t.regex(await missing('/machine/m1?x=1'), /did you mean '\/machines\/m1'\?/);
  t.regex(await missing('/v1/benchs/b1'), /did you mean '\/v1\/benches\/b1'\?/);
  t.regex(await missing('/entirely-other'), /nothing at \/entirely-other\. docs\/http\.md lists all paths\./);
  const wrong = await ask(server, '/lock', { method: 'GET' });
  t.deepEqual([wrong.status, wrong.headers.allow, reasonOf(wrong)], [405, 'POST', 'METHOD_NOT_ALLOWED']);
  const deleted = await ask(server, '/machines/m1', { method: 'DELETE' });
  t.deepEqual([deleted.status, deleted.headers.allow], [405, 'GET']);
  const odd = await ask(server, '/%zz');
  t.deepEqual([odd.status, reasonOf(odd)], [400, 'MALFORMED_REQUEST']);
});

test('bodies and headers are bounded, and each refusal is a google.rpc.Status', async (t) => {
  const server = await serveHttp(t, { maxBodyBytes: 1000, routes: (app) => app.post('/echo', ({ body }) => body) });
  const post = (body: string, type = 'application/json') =>
    ask(server, '/echo', { method: 'POST', headers: { 'content-type': type }, body });
  t.is((await post('{"a":1}')).text, '{"a":1}');
  const large = await post(JSON.stringify('x'.repeat(1000)));
  t.deepEqual([large.status, reasonOf(large), large.json.code], [413, 'MESSAGE_TOO_LARGE', 8]);
  const broken = await post('{"a":');
  t.deepEqual([broken.status, reasonOf(broken), broken.json.code], [400, 'MALFORMED_REQUEST', 3]);
  const other = await post('a', 'application/pdf');
  t.deepEqual([other.status, reasonOf(other)], [415, 'UNSUPPORTED_MEDIA']);
  const long = await ask(server, '/echo', { headers: { 'x-long': 'x'.repeat(20_000) } });
  t.deepEqual([long.status, reasonOf(long)], [431, 'MALFORMED_REQUEST']);
});

test('headers that do not come to their end, and a body that pauses, end the connection', async (t) => {
  const server = await serveHttp(t, {
    headersTimeoutMs: 200,
    bodyPauseMs: 200,
    routes: (app) => app.post('/echo', ({ body }) => body),
  });
  const body = 'POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n"';
  for (const begun of ['GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n', '', body]) {
    const socket = connect({ ...server.address });
    socket.resume();
    socket.on('error', () => undefined);
    socket.write(begun);
    await once(socket, 'close');
    t.pass(begun);
  }
});

test('a failure that nobody foresaw is 500 with the id of the request, and its cause is in the log only', async (t) => {
  const lines: object[] = [];
  const log = { error: (line: object) => lines.push(line) } as never;
  const server = await serveHttp(t, {
    log,
    routes: (app) =>
      app.get('/fails', () => {
        throw new Error('the secret cause');
      }),
  });
  const failed = await ask(server, '/fails');
  t.deepEqual([failed.status, failed.json.code, reasonOf(failed)], [500, 13, 'INTERNAL']);
  t.false(failed.text.includes('secret'));
  const { requestId } = failed.json.details[0]?.metadata ?? {};
  t.like(lines, [{ requestId, path: '/fails', err: { message: 'the secret cause' } }]);
});

test('a stop ends streams, refuses what comes, and is over within its grace', async (t) => {
  let begun = 0;
  let ended = false;
  const server = await serveHttp(t, {
    shutdownGraceMs: 300,
    routes: (app) => {
      app.get('/stream', async (_request, reply) => {
        reply.raw.writeHead(200).write('first\n');
        begun += 1;
        reply.hijack();
        await until(() => app.stopping.aborted, { what: 'the stop' });
        t.is((app.stopping.reason as BerthError).reason, 'SHUTTING_DOWN');
        ended = true;
        reply.raw.end('last\n');
      });
      app.get('/hangs', () => {
        begun += 1;
        return new Promise(() => undefined);
      });
    },
  });
  const stream = ask(server, '/stream');
  const hangs = t.throwsAsync(ask(server, '/hangs'), { code: 'ECONNRESET' });
  await until(() => begun === 2, { what: 'the requests to be served' });
  const idle = connect({ ...server.address });
  idle.on('error', () => undefined).resume();
  await once(idle, 'connect');
  const { port } = server.address;
  await server.stop();
  t.is((await stream).text, 'first\nlast\n');
  t.true(ended);
  await hangs;
  t.true(idle.destroyed || idle.readableEnded || (await once(idle, 'close')).length > 0);
  await t.throwsAsync(ask({ address: { host: '127.0.0.1', port } } as never, '/healthz'), { code: 'ECONNREFUSED' });
});

test('a port in use is told with the setting, and so is an address that is none of this machine', async (t) => {
  const first = await serveHttp(t);
  const second = serveHttp(t, { listen: first.address });
  const error = await t.throwsAsync(second, { instanceOf: BerthError, message: /\(http\.listen\).*--http/ });
  t.is(error.reason, 'ADDRESS_IN_USE');
  await t.throwsAsync(serveHttp(t, { listen: { host: '203.0.113.1', port: 0 }, insecure: true }), {
    message: /cannot listen for HTTP on 203\.0\.113\.1:0: .*--http/,
  });
  await t.throwsAsync(serveHttp(t, { listen: { host: '0.0.0.0', port: 0 } }), { message: /--insecure/ });
});
