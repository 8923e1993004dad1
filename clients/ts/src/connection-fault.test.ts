import { LeaseServiceDefinition, type LeaseServiceImplementation } from '@berth/proto/berth/lease/v1/lease_service';
import {
  closedAfter,
  findProgram,
  freePort,
  type IssuedCertificate,
  makeAuthority,
  requireServer,
  type TestAuthority,
  until,
} from '@berth/testkit';
import { ServerCredentials } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { createServer } from 'nice-grpc';
import { spawn } from 'node:child_process';
import { BerthError } from './berth-error.js';
import { connect, type ConnectOptions } from './connect.js';
import { connectionFaultOf } from './connection-fault.js';

/** A server with these credentials, without any = plain text. */
async function startServer(t: ExecutionContext, credentials = ServerCredentials.createInsecure()): Promise<string> {
  const server = createServer();
  const getLease = () => Promise.resolve({ lease: undefined });
  const methods = Object.keys(LeaseServiceDefinition.methods).map((name) => [name, getLease]);
  server.add(LeaseServiceDefinition, Object.fromEntries(methods) as LeaseServiceImplementation);
  const port = await server.listen('127.0.0.1:0', credentials);
  t.teardown(() => {
    server.forceShutdown();
  });
  return `127.0.0.1:${String(port)}`;
}

function tls({ cert, key }: IssuedCertificate, clientCa?: Buffer): ServerCredentials {
  const pairs = [{ cert_chain: cert, private_key: key }];
  return ServerCredentials.createSsl(clientCa ?? null, pairs, clientCa !== undefined);
}

/** A server of OpenSSL, which says what it does not like of a client's certificate; Node's only closes the connection. */
async function startOpenssl(t: ExecutionContext, authority: TestAuthority): Promise<string> {
  const { certFile, keyFile } = authority.issue('server');
  const port = String(await freePort());
  const checks = ['-CAfile', authority.caFile, '-Verify', '1', '-verify_return_error', '-alpn', 'h2'];
  const child = spawn(findProgram('openssl') ?? 'openssl', [
    's_server',
    '-accept',
    port,
    '-cert',
    certFile,
    '-key',
    keyFile,
    ...checks,
  ]);
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (data: Buffer) => (out += String(data)));
  await until(() => out.includes('ACCEPT'), { what: 'openssl to listen' });
  return `127.0.0.1:${port}`;
}

async function call(t: ExecutionContext, options: ConnectOptions): Promise<void> {
  const berth = closedAfter(t, connect({ user: 'ann', ...options }));
  await berth.lease.getLease({ leaseId: 'x' }, { retry: false });
}

async function faultOf(t: ExecutionContext, options: ConnectOptions): Promise<string | undefined> {
  const error = await t.throwsAsync(call(t, options), { instanceOf: BerthError });
  t.log(error.message);
  t.is(error.reason, 'UNAVAILABLE');
  t.notRegex(error.message, /Last error|Resolution note|\d{4}-\d\d-\d\dT|:error:|\n/);
  return error.details.connection;
}

if (requireServer(test, 'openssl')) {
  test('with its authority a server is trusted, and a client that it asks for shows its certificate', async (t) => {
    const authority = makeAuthority(t);
    const client = authority.issue('ann');
    const { ca } = authority;
    const address = await startServer(t, tls(authority.issue('server')));
    await t.notThrowsAsync(call(t, { address, tls: { ca } }));
    await t.notThrowsAsync(call(t, { address: `https://${address}`, tls: { ca: ca.toString() } }));
    const mutual = await startServer(t, tls(authority.issue('server'), ca));
    await t.notThrowsAsync(call(t, { address: mutual, tls: { ca, cert: client.cert, key: client.key } }));
  });

  test('what is wrong with a certificate, or with TLS at all, is told as that', async (t) => {
    const [authority, other] = [makeAuthority(t), makeAuthority(t, 'another authority')];
    const { ca } = authority;
    const stranger = other.issue('eve');
    const address = await startServer(t, tls(authority.issue('server')));
    const elsewhere = await startServer(
      t,
      tls(authority.issue('server', { alternativeNames: 'DNS:elsewhere.example' })),
    );
    const expired = await startServer(t, tls(authority.issue('server', { days: 0 })));
    const mutual = await startServer(t, tls(authority.issue('server'), ca));
    const strict = await startOpenssl(t, authority);
    const plain = await startServer(t);
    const cases: [string | undefined, ConnectOptions][] = [
      ['UNTRUSTED', { address: `https://${address}` }],
      ['UNTRUSTED', { address, tls: { ca: other.ca } }],
      ['OTHER_NAME', { address: elsewhere, tls: { ca } }],
      ['NOT_VALID_NOW', { address: expired, tls: { ca } }],
      ['NOT_TLS', { address: plain, tls: { ca } }],
      ['CLOSED', { address }],
      ['CERTIFICATE_REQUIRED', { address: mutual, tls: { ca } }],
      ['CLOSED', { address: mutual, tls: { ca, cert: stranger.cert, key: stranger.key } }],
      ['CERTIFICATE_REFUSED', { address: strict, tls: { ca, cert: stranger.cert, key: stranger.key } }],
      ['OTHER', { address: '127.0.0.1:1' }],
    ];
    const found: (string | undefined)[] = [];
    for (const [, options] of cases) found.push(await faultOf(t, options));
    t.deepEqual(
      found,
      cases.map(([expected]) => expected),
    );
  });
}

test('a text about something else is no fault of the connection', (t) => {
  t.is(connectionFaultOf('the server is shutting down'), undefined);
});
