import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { berthdCommandLine } from '@berth/testkit';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

const ADDRESSES = ['lease.address', 'tracker.address', 'pool.address', 'booking.address'];
const LIMITS = ['operator', 'admin'].flatMap((role) =>
  ['longestMs', 'farthestMs', 'holds'].map((limit) => `booking.limits.${role}.${limit}`),
);
const LEASE_LIMITS = ['roles.user', 'roles.operator', 'roles.admin', 'teams'].map((whose) => `lease.limits.${whose}`);
const OIDC = ['issuer', 'audience', 'jwksUrl', 'roleClaim', 'teamClaim'].map((name) => `auth.oidc.${name}`);
const TLS = ['cert', 'key', 'clientCa', 'ca'].map((name) => `tls.${name}`);
const AUTH = ['auth.tokens', 'auth.ownTokenFile', ...OIDC, ...TLS, 'audit.dir'];
const WITHOUT_DEFAULT = [
  ...AUTH,
  'inventory',
  'mongo.url',
  'server.maxCallsPerSecond',
  'tracker.kindsFile',
  'pool.file',
  ...ADDRESSES,
  ...LIMITS,
  ...LEASE_LIMITS,
];

/** Settings by path, as the page has them: `lease.backfill` → `false`. */
function onThePage(): Map<string, string> {
  const page = readFileSync(join(ROOT, 'docs/reference/config.md'), 'utf8');
  const rows = page.matchAll(/^\| `([\w.]+)` *\| (?:`([^`]*)`|none) *\| \S/gm);
  return new Map([...rows].map(([, path = '', value = '']) => [path, value]));
}

/** The same, as berthd has them when nobody sets anything. */
function inForce(): Map<string, string> {
  const [program, ...args] = berthdCommandLine();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BERTH_')));
  const found = new Map<string, string>();
  function collect(path: string, value: unknown): void {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) collect(path === '' ? key : `${path}.${key}`, inner);
    } else {
      found.set(path, typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  collect(
    '',
    JSON.parse(execFileSync(program, [...args, 'config', 'print', '--output', 'json'], { encoding: 'utf8', env })),
  );
  return found;
}

test('the page of settings has every setting with its default, and no other', (t) => {
  const page = onThePage();
  // They have no default, and so berthd does not print them.
  for (const path of WITHOUT_DEFAULT) {
    t.is(page.get(path), '', path);
    page.delete(path);
  }
  t.deepEqual([...page].sort(), [...inForce()].sort());
});
