import { copyFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { BerthError } from '@berth/kernel';
import type { TestAuthority } from '@berth/testkit';
import { fakeClock, makeAuthority, tempFolder, until } from '@berth/testkit';
import { Client, credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pino } from 'pino';
import type { CallError } from '../calls/echo-client.fixture.js';
import { callEcho } from '../calls/echo-client.fixture.js';
import { serveEcho, word } from '../calls/echo-service.fixture.js';
import { ServerHealth } from '../health/health.js';
import { createHttpServer } from '../http/http-server.js';
import { authConfigSchema } from '../identity/auth-config.js';
import { createIdentity } from '../identity/create-identity.js';
import { newToken } from '../identity/new-token.js';
import { normalSubject } from './peer-certificate.js';
import type { ServerTls } from './server-tls.js';
import { createServerTls } from './server-tls.js';

const log = pino({ level: 'silent' });
const clock = fakeClock();
const TOKEN = newToken({ name: 'ann', role: 'user' });

interface Scene {
  readonly authority: TestAuthority;
  readonly tls: ServerTls;
  readonly paths: { readonly cert: string; readonly key: string };
  readonly identity: ReturnType<typeof createIdentity>;
}

async function scene(t: ExecutionContext): Promise<Scene> {
  const authority = makeAuthority(t);
  const folder = tempFolder(t);
  const paths = { cert: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  const server = authority.issue('first');
  copyFileSync(server.certFile, paths.cert);
  copyFileSync(server.keyFile, paths.key);
  const tokens = join(folder, 'tokens.yaml');
  writeFileSync(tokens, TOKEN.line);
  const certificates = [{ subject: 'O=lab,CN=carol', name: 'carol', role: 'operator' }];
  const identity = createIdentity(authConfigSchema.parse({ tokens, certificates }), { clock, logger: log });
  await identity.start();
  const tls = createServerTls({ ...paths, clientCa: authority.caFile }, { clock, logger: log });
  if (tls === undefined) throw new Error('no TLS was made');
  await tls.start();
  t.teardown(async () => {
    await identity.stop();
    await tls.stop();
  });
  return { authority, tls, paths, identity };
}

type Pem = Buffer | null;

function secureClient(t: ExecutionContext, port: number, ca: Buffer, key: Pem = null, cert: Pem = null): Client {
  const client = new Client(`127.0.0.1:${String(port)}`, credentials.createSsl(ca, key, cert), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  });
  t.teardown(() => {
    client.close();
  });
  return client;
}

async function outcome(call: Promise<{ readonly reason: string }>): Promise<string> {
  return call.then(
    ({ reason }) => reason,
    (error: unknown) => (error as CallError).info?.reason ?? (error as CallError).text,
  );
}

test('over TLS a caller is made out by certificate or token; a wrong certificate is told, not cut off', async (t) => {
  const { authority, tls, identity } = await scene(t);
  const { server } = await serveEcho(
    t,
    { echo: (_, { caller }) => Promise.resolve(word(`${caller.name}/${caller.role}/${caller.via}`)) },
    { tls, identity },
  );
  const { port } = server.address;
  const carol = authority.issue('carol', { subject: '/O=lab/CN=carol' });
  const stranger = authority.issue('eve');
  const foreign = makeAuthority(t, 'another authority').issue('carol', { subject: '/O=lab/CN=carol' });
  const ended = authority.issue('carol', { subject: '/O=lab/CN=carol', days: 0 });
  const call = (metadata: Record<string, string>, pair?: { readonly key: Buffer; readonly cert: Buffer }) =>
    outcome(callEcho(secureClient(t, port, authority.ca, pair?.key, pair?.cert), word('x'), { metadata }));
  const token = { authorization: `Bearer ${TOKEN.token}` };
  t.is(await call({}, carol), 'carol/operator/certificate');
  t.is(await call(token), 'ann/user/token');
  t.is(await call(token, foreign), 'ann/user/token');
  t.is(await call({}), 'NOT_AUTHENTICATED');
  for (const pair of [stranger, foreign, ended]) t.is(await call({}, pair), 'BAD_CREDENTIALS');
  const plain = new Client(`127.0.0.1:${String(port)}`, credentials.createInsecure());
  t.teardown(() => {
    plain.close();
  });
  const deadline = Date.now() + 500;
  t.notRegex(await outcome(callEcho(plain, word('x'), { metadata: token, deadline })), /^ann/);
});

test('over HTTPS the same certificate is the same caller', async (t) => {
  const { authority, tls, identity } = await scene(t);
  const listen = { host: '127.0.0.1', port: 0 };
  const http = await createHttpServer({ listen, identity, tls, health: new ServerHealth(''), log });
  http.app.get('/me', ({ caller }) => Promise.resolve({ name: caller.name }));
  await http.start();
  t.teardown(() => http.stop());
  t.true(http.secure);
  const { key, cert } = authority.issue('carol', { subject: '/O=lab/CN=carol' });
  const status = (pair: object): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: http.address.port,
        path: '/me',
        ca: authority.ca,
        agent: false,
        ...pair,
      };
      get(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on('error', reject);
    });
  t.is(await status({ key, cert }), 200);
  t.is(await status({}), 401);
  t.is(await status(makeAuthority(t, 'another authority').issue('carol', { subject: '/O=lab/CN=carol' })), 401);
});

test('a certificate that is renewed in its file is shown from then on, without a restart', async (t) => {
  const { authority, tls, paths, identity } = await scene(t);
  const { server } = await serveEcho(t, {}, { tls, identity });
  const { port } = server.address;
  const shown = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectTls(
        { host: '127.0.0.1', servername: 'localhost', port, ca: authority.ca, ALPNProtocols: ['h2'] },
        () => {
          resolve(String(socket.getPeerCertificate().subject.CN));
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
  t.is(await shown(), 'first');
  const next = authority.issue('second');
  // One after the other: in between they do not belong together, and what was stays.
  copyFileSync(next.certFile, paths.cert);
  clock.advance(100);
  t.is(await shown(), 'first');
  copyFileSync(next.keyFile, paths.key);
  await until(
    async () => {
      clock.advance(100);
      return (await shown()) === 'second';
    },
    { what: 'the new certificate to be shown' },
  );
  t.is(tls.certificates.cert, next.cert.toString());
});

test('files that cannot be used do not start, and the error names them', (t) => {
  const authority = makeAuthority(t);
  const [one, other] = [authority.issue('one'), authority.issue('other')];
  const make = (files: object) => () => createServerTls(files, { clock, logger: log });
  t.is(createServerTls({}, { clock, logger: log }), undefined);
  const mixed = t.throws(make({ cert: one.certFile, key: other.keyFile }), { instanceOf: BerthError });
  t.is(mixed.reason, 'INVALID_CONFIG');
  t.true(mixed.message.includes(one.certFile) && mixed.message.includes(other.keyFile), mixed.message);
  t.throws(make({ cert: one.certFile, key: '/nowhere/key' }), { message: /\/nowhere\/key: there is no such file/ });
});

test('a subject is the same with the spaces that openssl prints', (t) => {
  t.is(normalSubject('C = DE, O = A\\, B, CN = ann'), 'C=DE,O=A\\, B,CN=ann');
  t.is(normalSubject('O=lab,CN=ann'), 'O=lab,CN=ann');
});
