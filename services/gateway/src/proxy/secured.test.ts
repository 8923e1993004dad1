import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@berth/kernel';
import type { Audit, Caller, Role } from '@berth/server';
import { authConfigSchema, createIdentity, createServerTls, newToken } from '@berth/server';
import { makeAuthority, tempFolder } from '@berth/testkit';
import type { Client } from '@grpc/grpc-js';
import { credentials, status } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pino } from 'pino';
import type { EchoCall } from './echo-calls.fixture.js';
import { callEcho, failure } from './echo-calls.fixture.js';
import { Health } from './health-client.fixture.js';
import { addressOf, startProxy, startRole, word } from './proxy.fixture.js';

type AuditEntry = Parameters<Audit['write']>[0];

/** A gateway with TLS in front of a role, both with tokens; the role believes the gateway for whom it calls. */
async function startSecured(t: ExecutionContext) {
  const deps = { clock: systemClock(false), logger: pino({ level: 'silent' }) };
  const folder = tempFolder(t);
  const file = join(folder, 'tokens.yaml');
  const made = (['ann:user', 'guest:viewer', 'gateway:admin'] as const).map((text) => {
    const [name, role] = text.split(':') as [string, Role];
    return [name, newToken({ name, role })] as const;
  });
  writeFileSync(file, made.map(([, { line }]) => `${line}\n`).join(''));
  const tokens = new Map(made.map(([name, { token }]) => [name, token]));
  const authority = makeAuthority(t);
  const certificates = [{ commonName: 'rack', name: 'rack', role: 'user' }];
  const identity = createIdentity(authConfigSchema.parse({ tokens: file, certificates, services: ['gateway'] }), deps);
  await identity.start();
  t.teardown(() => identity.stop());
  const callers: Caller[] = [];
  const role = await startRole(
    t,
    {
      echo: (request, { caller }) => {
        callers.push(caller);
        return Promise.resolve(request);
      },
    },
    { identity },
  );
  const refused: AuditEntry[] = [];
  const { certFile: cert, keyFile: key } = authority.issue('gateway');
  const tls = createServerTls({ cert, key, clientCa: authority.caFile, ca: undefined }, deps);
  const { connect } = await startProxy(t, [addressOf(role)], {
    identity,
    options: { tls, audit: { write: (entry) => refused.push(entry) }, credential: () => tokens.get('gateway') },
  });
  const { ca } = authority;
  const client = (own?: { readonly key: Buffer; readonly cert: Buffer }): Client =>
    connect({}, credentials.createSsl(ca, own?.key ?? null, own?.cert ?? null));
  const shown = (name: string, more: Readonly<Record<string, string>> = {}): EchoCall => ({
    metadata: { authorization: `Bearer ${tokens.get(name) ?? 'nonsense'}`, ...more },
  });
  return { authority, callers, refused, client, shown };
}

test('a caller of the gateway is the caller at the role, by the gateway', async (t) => {
  const { client, shown, callers } = await startSecured(t);
  const berth = client();
  await callEcho(berth, word(''), shown('ann'));
  await callEcho(berth, word(''), shown('ann', { 'berth-role': 'viewer' }));
  t.like(callers[0], { name: 'ann', role: 'user', by: 'gateway' });
  t.like(callers[1], { name: 'ann', role: 'viewer', by: 'gateway' });
});

test('a client certificate is as good as a token; one of another authority is refused', async (t) => {
  const { client, callers, authority } = await startSecured(t);
  await callEcho(client(authority.issue('rack')), word(''));
  t.like(callers[0], { name: 'rack', role: 'user', by: 'gateway' });
  const foreign = makeAuthority(t, 'another authority').issue('rack');
  t.like(await failure(callEcho(client(foreign), word(''))), {
    code: status.UNAUTHENTICATED,
    reason: 'BAD_CREDENTIALS',
  });
});

test('who shows nothing, something wrong, or another name is refused by the gateway, and written down', async (t) => {
  const { client, shown, refused, callers } = await startSecured(t);
  const berth = client();
  const [none, wrong, other, raised] = [
    await failure(callEcho(berth, word(''))),
    await failure(callEcho(berth, word(''), shown('nobody'))),
    await failure(callEcho(berth, word(''), shown('ann', { 'berth-user': 'bob' }))),
    await failure(callEcho(berth, word(''), shown('guest', { 'berth-role': 'admin' }))),
  ];
  t.like(none, { code: status.UNAUTHENTICATED, reason: 'NOT_AUTHENTICATED' });
  t.like(wrong, { code: status.UNAUTHENTICATED, reason: 'BAD_CREDENTIALS' });
  t.like(other, { code: status.PERMISSION_DENIED, reason: 'PERMISSION_DENIED' });
  t.like(raised, { code: status.PERMISSION_DENIED, reason: 'PERMISSION_DENIED' });
  t.deepEqual(callers, []);
  t.deepEqual(
    refused.map(({ reason }) => reason),
    ['NOT_AUTHENTICATED', 'BAD_CREDENTIALS', 'PERMISSION_DENIED', 'PERMISSION_DENIED'],
  );
  t.like(refused[0], { decision: 'refused', method: '/berth.test.v1.Echo/Echo' });
  t.regex(refused[0]?.peer ?? '', /^127\.0\.0\.1:\d+$/);
  t.false(JSON.stringify(refused).includes('nonsense'));
});

test('health needs no credentials', async (t) => {
  const { client } = await startSecured(t);
  t.is(await new Health(client()).check(''), 'SERVING');
});
