import { fakeClock, freePort, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pino } from 'pino';
import { LookedUpTargets } from './looked-up-targets.js';
import { parseRoleAddresses } from './role-address.js';

/** Targets of a role at a name that leads to what `found` has. */
async function lookUp(t: ExecutionContext, found: { ips: readonly string[] | Error }) {
  const clock = fakeClock();
  const port = await freePort();
  const told: string[] = [];
  const targets = new LookedUpTargets({
    role: 'test',
    addresses: parseRoleAddresses(`roles:${String(port)}`, 'test.address'),
    tls: undefined,
    service: 'x',
    keepAlive: { clock, timeMs: 10_000, timeoutMs: 5000 },
    log: pino({ level: 'silent' }),
    told: (serves, why) => told.push(`${String(serves)} ${why}`),
    lookUp: () => (found.ips instanceof Error ? Promise.reject(found.ips) : Promise.resolve(found.ips)),
  });
  t.teardown(() => {
    targets.stop();
  });
  const starting = targets.start();
  await until(() => targets.candidates().length > 0 || found.ips instanceof Error, { what: 'the first look' });
  await until(() => targets.candidates().every(({ serving }) => serving === false), { what: 'them to be heard of' });
  clock.advance(3000);
  await starting;
  const ipsOf = (): string =>
    targets
      .candidates()
      .map(({ name }) => name.split(':')[0])
      .sort()
      .join(' ');
  return { clock, targets, told, ipsOf };
}

test('a name is looked up every 30 s: what it leads to comes and goes', async (t) => {
  const found = { ips: ['127.0.0.1'] as readonly string[] | Error };
  const { clock, ipsOf } = await lookUp(t, found);
  t.is(ipsOf(), '127.0.0.1');
  found.ips = ['127.0.0.2', '127.0.0.1'];
  clock.advance(29_000);
  t.is(ipsOf(), '127.0.0.1');
  clock.advance(1000);
  await until(() => ipsOf() === '127.0.0.1 127.0.0.2', { what: 'both' });
  found.ips = ['127.0.0.2'];
  clock.advance(30_000);
  await until(() => ipsOf() === '127.0.0.2', { what: 'the other one' });
});

test('a name that cannot be looked up keeps what it led to', async (t) => {
  const found = { ips: ['127.0.0.1'] as readonly string[] | Error };
  const { clock, ipsOf } = await lookUp(t, found);
  found.ips = new Error('no server of names');
  clock.advance(30_000);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(ipsOf(), '127.0.0.1');
  found.ips = ['127.0.0.3'];
  clock.advance(30_000);
  await until(() => ipsOf() === '127.0.0.3', { what: 'the new one' });
});

test('what is told names each process, and why it does not serve', async (t) => {
  const { told } = await lookUp(t, { ips: ['127.0.0.1'] });
  t.regex(told.at(-1) ?? '', /^false 127\.0\.0\.1:\d+ \(roles\) .*ECONNREFUSED/);
});

test('addresses are read with and without a scheme, and faults name the setting', (t) => {
  t.deepEqual(parseRoleAddresses('a:1, https://b:2,[::1]:3', 'lease.address'), [
    { host: 'a', port: 1, secure: undefined },
    { host: 'b', port: 2, secure: true },
    { host: '::1', port: 3, secure: undefined },
  ]);
  for (const text of ['', 'a', 'a:0', 'a:1,,b:2', 'ftp://a:1']) {
    t.throws(() => parseRoleAddresses(text, 'lease.address'), { message: /^lease\.address: / });
  }
});
