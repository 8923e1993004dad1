import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BerthError } from '@berth/kernel';
import type { FakeClock } from '@berth/testkit';
import { fakeClock } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { pino } from 'pino';
import { authConfigSchema } from './auth-config.js';
import type { Caller } from './caller.js';
import { createIdentity } from './create-identity.js';
import { factsOf } from './facts-of.fixture.js';
import type { ProcessIdentity } from './identity.js';
import { JsonWebTokens } from './json-web-tokens.js';
import { bearer } from './shown.fixture.js';

const START_MS = Date.UTC(2026, 0, 1);
const AUDIENCE = 'berth';

interface Signer {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

async function signer(alg: string, kid: string): Promise<Signer> {
  return { alg, kid, ...(await generateKeyPair(alg, { extractable: true })) };
}

interface Issuer {
  readonly url: string;
  /** The public keys that it shows. */
  keys: JWK[];
  /** Answers every question with an error while it is set. */
  ill: boolean;
  /** How often it was asked for its keys. */
  asked: number;
}

async function jwkOf({ alg, kid, publicKey }: Signer): Promise<JWK> {
  return { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' };
}

async function startIssuer(t: ExecutionContext, ...signers: readonly Signer[]): Promise<Issuer> {
  const issuer = { url: '', keys: await Promise.all(signers.map(jwkOf)), ill: false, asked: 0 };
  const server = createServer((request, response) => {
    if (issuer.ill) {
      response.writeHead(500).end();
      return;
    }
    if (request.url === '/keys') issuer.asked += 1;
    const known: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` },
      '/keys': { keys: issuer.keys },
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(known[request.url ?? '']));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return issuer;
}

function identityFor(
  issuer: Issuer,
  oidc: object = {},
  logger = pino({ level: 'silent' }),
): { readonly identity: ProcessIdentity; readonly clock: FakeClock } {
  const clock = fakeClock(START_MS);
  const auth = authConfigSchema.parse({ oidc: { issuer: issuer.url, audience: AUDIENCE, ...oidc } });
  return { identity: createIdentity(auth, { clock, logger }), clock };
}

/** A token as the issuer would make it, but for what is said otherwise. */
function jwt(issuer: Issuer, { alg, kid, privateKey }: Signer, more: JWTPayload = {}): Promise<string> {
  const now = START_MS / 1000;
  return new SignJWT({ iss: issuer.url, aud: AUDIENCE, sub: 'ann', iat: now, exp: now + 300, ...more })
    .setProtectedHeader({ alg, kid })
    .sign(privateKey);
}

async function callerOf(identity: ProcessIdentity, token: string): Promise<Caller> {
  return identity.callerOf(bearer(token));
}

async function refusal(t: ExecutionContext, identity: ProcessIdentity, token: string): Promise<BerthError> {
  return t.throwsAsync(callerOf(identity, token), { instanceOf: BerthError });
}

for (const alg of ['RS256', 'ES256', 'EdDSA']) {
  test(`a token of the issuer is its caller: ${alg}`, async (t) => {
    const key = await signer(alg, 'k1');
    const issuer = await startIssuer(t, key);
    const { identity } = identityFor(issuer);
    const token = await jwt(issuer, key);
    t.deepEqual(await callerOf(identity, token), { name: 'ann', role: 'user', via: 'jwt' });
    t.false(identity.callerOf(bearer(token)) instanceof Promise, 'one that was seen before costs no promise');
    t.is(issuer.asked, 1);
  });
}

test('name, role and team come from claims', async (t) => {
  const key = await signer('ES256', 'k1');
  const issuer = await startIssuer(t, key);
  const { identity } = identityFor(issuer, {
    nameClaim: 'preferred_username',
    roleClaim: 'realm_access.roles',
    teamClaim: 'https://id.example/groups',
    roles: { 'lab-ops': 'operator', everybody: 'viewer', staff: 'user' },
    role: 'none',
  });
  const claims = { preferred_username: 'ann', realm_access: { roles: ['everybody', 'lab-ops', 'staff'] } };
  t.deepEqual(
    await callerOf(identity, await jwt(issuer, key, { ...claims, 'https://id.example/groups': ['cats', 'x'] })),
    {
      name: 'ann',
      role: 'operator',
      via: 'jwt',
      team: 'cats',
    },
  );
  const none = await refusal(t, identity, await jwt(issuer, key, { ...claims, realm_access: { roles: ['toString'] } }));
  t.is(none.reason, 'BAD_CREDENTIALS');
  t.is(factsOf(none).why, 'auth.oidc.roles gives ann no role');
  const nameless = await refusal(t, identity, await jwt(issuer, key, { realm_access: claims.realm_access }));
  t.is(factsOf(nameless).why, 'its claim preferred_username is not a name');
});

test('what is not of this issuer for this server is refused, in one text', async (t) => {
  const key = await signer('RS256', 'k1');
  const issuer = await startIssuer(t, key);
  const { identity } = identityFor(issuer);
  const now = START_MS / 1000;
  const claims = { iss: issuer.url, aud: AUDIENCE, sub: 'eve', exp: now + 300 };
  const publicPem = new TextEncoder().encode(await exportSPKI(key.publicKey));
  const [head = '', body = '', signature = ''] = (await jwt(issuer, key)).split('.');
  const admin = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
  const tokens = {
    'alg=none': new UnsecuredJWT(claims).encode(),
    'HS256 with the public key': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(publicPem),
    'PS256, which is not pinned': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'PS256', kid: 'k1' })
      .sign((await generateKeyPair('PS256')).privateKey),
    'a foreign audience': await jwt(issuer, key, { aud: 'another' }),
    'a foreign issuer': await jwt(issuer, key, { iss: 'https://evil.example' }),
    'a foreign key': await jwt(issuer, { ...(await signer('RS256', 'k1')) }),
    'an unknown key': await jwt(issuer, { ...(await signer('RS256', 'k9')) }),
    'other claims under the signature': [head, admin, signature].join('.'),
    'no signature': [head, body, ''].join('.'),
    'one that has ended': await jwt(issuer, key, { exp: now - 31 }),
    'one that has not begun': await jwt(issuer, key, { nbf: now + 31 }),
    'one without an end': await new SignJWT({ iss: issuer.url, aud: AUDIENCE, sub: 'ann' })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .sign(key.privateKey),
  };
  const { message } = await refusal(t, identity, tokens['alg=none']);
  for (const [what, token] of Object.entries(tokens)) {
    const error = await refusal(t, identity, token);
    t.deepEqual([error.reason, error.message, error.details], ['BAD_CREDENTIALS', message, {}], what);
    t.true((factsOf(error).why ?? '') !== '', what);
  }
});

test('clocks may differ by 30 s; a token that was accepted ends then as well', async (t) => {
  const key = await signer('ES256', 'k1');
  const issuer = await startIssuer(t, key);
  const { identity, clock } = identityFor(issuer);
  const now = START_MS / 1000;
  const token = await jwt(issuer, key, { nbf: now + 29, exp: now + 40 });
  t.like(await callerOf(identity, token), { name: 'ann' });
  for (const ms of [59_000, 10_000]) {
    clock.advance(ms);
    t.like(await callerOf(identity, token), { name: 'ann' });
  }
  clock.advance(1_001);
  t.is((await refusal(t, identity, token)).reason, 'BAD_CREDENTIALS');
});

test('a key that the issuer takes away is refused, and a new one is accepted', async (t) => {
  const [old, fresh] = [await signer('ES256', 'k1'), await signer('ES256', 'k2')];
  const issuer = await startIssuer(t, old);
  const config = { ...authConfigSchema.parse({}).oidc, issuer: issuer.url, audience: AUDIENCE };
  // Keys are read for each token; otherwise they are believed for the time that docs/securing.md tells.
  const tokens = new JsonWebTokens(config, fakeClock(START_MS), 0);
  t.like(await tokens.verify(await jwt(issuer, old)), { caller: { name: 'ann' } });
  issuer.keys = [await jwkOf(fresh)];
  t.like(await tokens.verify(await jwt(issuer, fresh)), { caller: { name: 'ann' } });
  const taken = await t.throwsAsync(tokens.verify(await jwt(issuer, old)), { instanceOf: BerthError });
  t.is(taken.reason, 'BAD_CREDENTIALS');
});

test('an issuer that does not answer is no fault of the caller, and is asked again', async (t) => {
  const key = await signer('ES256', 'k1');
  const issuer = await startIssuer(t, key);
  const logged: string[] = [];
  const { identity } = identityFor(issuer, {}, pino({}, { write: (line: string) => void logged.push(line) }));
  const token = await jwt(issuer, key);
  issuer.ill = true;
  await refusal(t, identity, token);
  const error = await refusal(t, identity, token);
  t.is(logged.length, 1, 'told once');
  t.false(logged.join('').includes(token));
  t.deepEqual([error.reason, error.kind, error.details.retryAfterMs], ['IDENTITY_UNAVAILABLE', 'unavailable', 1000]);
  issuer.ill = false;
  t.like(await callerOf(identity, token), { name: 'ann' });
});

test('keys are read where the settings say, and nothing of the issuer beside', async (t) => {
  const key = await signer('ES256', 'k1');
  const keys = await startIssuer(t, key);
  const issuer = { ...keys, url: 'https://id.example' };
  const { identity } = identityFor(issuer, { jwksUrl: `${keys.url}/keys` });
  t.like(await callerOf(identity, await jwt(issuer, key)), { name: 'ann' });
});
