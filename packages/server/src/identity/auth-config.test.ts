import test from 'ava';
import { authConfigSchema, authFaults, isOpen } from './auth-config.js';

const OIDC = { issuer: 'https://id.example', audience: 'berth' };

function faultsOf(auth: object, clientCa?: string): string[] {
  return authFaults(authConfigSchema.parse(auth), clientCa).map(({ path }) => path);
}

test('any setting of auth ends that callers are believed', (t) => {
  t.true(isOpen(authConfigSchema.parse({})));
  for (const auth of [
    { tokens: 'tokens.yaml' },
    { services: ['gateway'] },
    { ownTokenFile: 'own' },
    { certificates: [{ commonName: 'ann', name: 'ann' }] },
    { oidc: { audience: 'berth' } },
  ]) {
    t.false(isOpen(authConfigSchema.parse(auth)), JSON.stringify(auth));
  }
});

test('settings that do not go together are faults, each by its path', (t) => {
  t.deepEqual(faultsOf({}), []);
  t.deepEqual(faultsOf({ tokens: 'tokens.yaml', services: ['gateway'], oidc: OIDC }), []);
  t.deepEqual(faultsOf({ services: ['gateway'] }), ['auth']);
  t.deepEqual(faultsOf({ certificates: [{ commonName: 'ann', name: 'ann' }] }), ['tls.clientCa']);
  t.deepEqual(faultsOf({ certificates: [{ commonName: 'ann', name: 'ann' }] }, 'ca.pem'), []);
  t.deepEqual(faultsOf({}, 'ca.pem'), ['auth.certificates']);
  t.deepEqual(faultsOf({ oidc: { issuer: OIDC.issuer } }), ['auth.oidc.audience']);
  t.deepEqual(faultsOf({ tokens: 't', oidc: { audience: 'berth' } }), ['auth.oidc.issuer']);
  t.deepEqual(faultsOf({ oidc: { ...OIDC, issuer: 'http://id.example' } }), ['auth.oidc.issuer']);
  t.deepEqual(faultsOf({ oidc: { ...OIDC, issuer: 'http://127.0.0.1:8080' } }), []);
  const both = { certificates: [{ commonName: 'ann', subject: 'CN=ann', name: 'ann' }] };
  t.false(authConfigSchema.safeParse(both).success);
});
