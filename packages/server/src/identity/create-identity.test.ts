import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError } from '@berth/kernel';
import type { FakeClock } from '@berth/testkit';
import { fakeClock, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pino } from 'pino';
import { authConfigSchema } from './auth-config.js';
import type { Caller } from './caller.js';
import { createIdentity } from './create-identity.js';
import type { ProcessIdentity } from './identity.js';
import { newToken } from './new-token.js';
import { RefusedCaller } from './refused-caller.js';
import { bearer, shown } from './shown.fixture.js';
import type { Shown } from './shown.js';

const TOKENS = {
  ann: newToken({ name: 'ann', role: 'operator', team: 'cats' }),
  bob: newToken({ name: 'bob', role: 'user', expires: '2026-01-02' }),
  gateway: newToken({ name: 'gateway', role: 'viewer' }),
  pi: newToken({ name: 'pi', role: 'viewer', benches: ['b1', 'b2'] }),
};
const CERTIFICATES = [
  { commonName: 'carol', name: 'carol', role: 'admin' },
  { subject: 'O = lab, CN = pool', name: 'pool', role: 'operator' },
];

interface Scene {
  readonly identity: ProcessIdentity;
  readonly clock: FakeClock;
  readonly file: string;
}

async function scene(t: ExecutionContext): Promise<Scene> {
  const file = join(tempFolder(t), 'tokens.yaml');
  writeFileSync(
    file,
    Object.values(TOKENS)
      .map(({ line }) => `${line}\n`)
      .join(''),
  );
  const clock = fakeClock(Date.UTC(2026, 0, 1));
  const auth = authConfigSchema.parse({
    tokens: file,
    services: ['gateway', 'pool', 'pi'],
    certificates: CERTIFICATES,
  });
  const identity = createIdentity(auth, { clock, logger: pino({ level: 'silent' }) });
  await identity.start();
  t.teardown(() => identity.stop());
  return { identity, clock, file };
}

function refusal(t: ExecutionContext, identity: ProcessIdentity, what: Shown): BerthError {
  return t.throws(() => identity.callerOf(what) as Caller, { instanceOf: BerthError });
}

test('without a setting of auth every caller is believed', (t) => {
  const identity = createIdentity(authConfigSchema.parse({}), {
    clock: fakeClock(),
    logger: pino({ level: 'silent' }),
  });
  t.true(identity.open);
  t.is(identity.secret, undefined);
  t.like(identity.callerOf(shown({ 'berth-user': 'ann', 'berth-role': 'admin' })), { name: 'ann', role: 'admin' });
});

test('a token is its caller, from its header or as the password of Basic, also the second time', async (t) => {
  const { identity } = await scene(t);
  const ann = { name: 'ann', role: 'operator', via: 'token', team: 'cats' } as const;
  const basic = `Basic ${Buffer.from(`whoever:${TOKENS.ann.token}`).toString('base64')}`;
  for (const what of [
    bearer(TOKENS.ann.token),
    shown({ authorization: `bearer  ${TOKENS.ann.token}` }),
    shown({ authorization: basic }),
  ]) {
    t.deepEqual(identity.callerOf(what), ann);
    t.deepEqual(identity.callerOf(what), ann);
  }
  t.deepEqual(identity.callerOf(bearer(TOKENS.pi.token)), {
    name: 'pi',
    role: 'viewer',
    via: 'token',
    benches: ['b1', 'b2'],
  });
  t.false(identity.open);
});

test('whoever shows nothing, or something wrong, is refused, and no text tells what was wrong', async (t) => {
  const { identity } = await scene(t);
  t.is(refusal(t, identity, shown({})).reason, 'NOT_AUTHENTICATED');
  t.is(refusal(t, identity, shown({ 'berth-user': 'ann' })).reason, 'NOT_AUTHENTICATED');
  const wrong = [
    bearer('berth_unknown'),
    bearer(TOKENS.ann.token.slice(0, -1)),
    bearer('eyJhbGciOiJub25lIn0.e30.'),
    shown({ authorization: 'Digest x' }),
    shown({ authorization: 'Bearer' }),
    shown({ authorization: `Basic ${Buffer.from('no colon').toString('base64')}` }),
    shown({}, { subject: 'CN=eve', commonName: 'eve' }),
    shown({}, { subject: 'CN=carol', commonName: 'carol', fault: 'SELF_SIGNED_CERT_IN_CHAIN' }),
  ].map((what) => refusal(t, identity, what));
  t.deepEqual([...new Set(wrong.map(({ reason }) => reason))], ['BAD_CREDENTIALS']);
  t.is(new Set(wrong.map(({ message, details }) => message + JSON.stringify(details))).size, 1);
  const whys = wrong.map((error) => (error instanceof RefusedCaller ? error.facts.why : undefined));
  t.true(whys.every((why) => why !== undefined && why !== ''));
  t.true(whys.includes('the certificate of CN=carol is not valid: SELF_SIGNED_CERT_IN_CHAIN'));
});

test('a token ends at its time, also one that was accepted before', async (t) => {
  const { identity, clock } = await scene(t);
  t.like(identity.callerOf(bearer(TOKENS.bob.token)), { name: 'bob' });
  clock.advance(86_400_000 - 1);
  t.like(identity.callerOf(bearer(TOKENS.bob.token)), { name: 'bob' });
  clock.advance(1);
  const unknown = refusal(t, identity, bearer('berth_unknown'));
  t.is(refusal(t, identity, bearer(TOKENS.bob.token)).message, unknown.message);
});

test('a token that is taken out of the file is refused at once, also one that was accepted before', async (t) => {
  const { identity, clock, file } = await scene(t);
  t.like(identity.callerOf(bearer(TOKENS.bob.token)), { name: 'bob' });
  writeFileSync(`${file}.new`, TOKENS.ann.line);
  renameSync(`${file}.new`, file);
  await until(
    () => {
      clock.advance(100);
      try {
        return identity.callerOf(bearer(TOKENS.bob.token)) === undefined;
      } catch (error) {
        return (error as BerthError).reason === 'BAD_CREDENTIALS';
      }
    },
    { what: 'the file to be read again' },
  );
  t.like(identity.callerOf(bearer(TOKENS.ann.token)), { name: 'ann' });
});

test('a service says for whom it calls; without a role it is a user, and never as much as the service', async (t) => {
  const { identity } = await scene(t);
  const told = { 'berth-user': 'dora', 'berth-role': 'operator', 'berth-team': 'dogs' };
  t.deepEqual(identity.callerOf(bearer(TOKENS.gateway.token, told)), {
    name: 'dora',
    role: 'operator',
    via: 'token',
    by: 'gateway',
    team: 'dogs',
  });
  const pool = { subject: 'O=lab,CN=pool', commonName: 'pool' };
  t.deepEqual(identity.callerOf(shown({ 'berth-user': 'pool' }, pool)), {
    name: 'pool',
    role: 'user',
    via: 'certificate',
    by: 'pool',
  });
  t.deepEqual(identity.callerOf(shown({}, pool)), { name: 'pool', role: 'operator', via: 'certificate' });
  const limited = { 'berth-user': 'pi', 'berth-role': 'admin', 'berth-benches': '["b1"]' };
  t.deepEqual(identity.callerOf(bearer(TOKENS.gateway.token, limited)), {
    name: 'pi',
    role: 'viewer',
    via: 'token',
    by: 'gateway',
    benches: ['b1'],
  });
});

test('what is not a service says nothing of others, and is told so; its own name and a lower role it may say', async (t) => {
  const { identity } = await scene(t);
  const { token } = TOKENS.ann;
  for (const told of [
    { 'berth-user': 'bob' },
    { 'berth-role': 'admin' },
    { 'berth-team': 'dogs' },
    { 'berth-benches': '["b1"]' },
  ]) {
    const error = refusal(t, identity, bearer(token, told));
    t.is(error.reason, 'PERMISSION_DENIED', JSON.stringify(told));
    t.like((error as RefusedCaller).facts.caller, { name: 'ann' });
  }
  // A token of benches stays one, also when its name is among the services.
  t.is(refusal(t, identity, bearer(TOKENS.pi.token, { 'berth-user': 'bob' })).reason, 'PERMISSION_DENIED');
  t.is(refusal(t, identity, bearer(TOKENS.pi.token, { 'berth-role': 'user' })).reason, 'PERMISSION_DENIED');
  t.deepEqual(identity.callerOf(bearer(token, { 'berth-user': 'ann', 'berth-role': 'user', 'berth-team': 'cats' })), {
    name: 'ann',
    role: 'user',
    via: 'token',
    team: 'cats',
  });
  t.is(refusal(t, identity, bearer(token, { 'berth-role': 'king' })).reason, 'INVALID_FIELD');
});

test('parts of the process say for whom they call by its secret, which is another one in each process', async (t) => {
  const { identity } = await scene(t);
  const { secret = '' } = identity;
  t.deepEqual(identity.callerOf(bearer(secret, { 'berth-user': 'berth-pool', 'berth-role': 'operator' })), {
    name: 'berth-pool',
    role: 'operator',
    via: 'process',
  });
  t.deepEqual(identity.callerOf(bearer(secret, { 'berth-user': 'dora' })), {
    name: 'dora',
    role: 'user',
    via: 'process',
  });
  const other = await scene(t);
  t.is(refusal(t, other.identity, bearer(secret, { 'berth-user': 'dora' })).reason, 'BAD_CREDENTIALS');
});

test('a certificate is its caller by common name or by the whole subject, as openssl prints it', async (t) => {
  const { identity } = await scene(t);
  t.deepEqual(identity.callerOf(shown({}, { subject: 'O=lab,CN=carol', commonName: 'carol' })), {
    name: 'carol',
    role: 'admin',
    via: 'certificate',
  });
  t.like(identity.callerOf(shown({}, { subject: 'O=lab,CN=pool', commonName: 'pool' })), { name: 'pool' });
  t.is(refusal(t, identity, shown({}, { subject: 'O=zoo,CN=pool', commonName: 'pool' })).reason, 'BAD_CREDENTIALS');
  // A token says more than the connection: what it says is looked at alone.
  const both = { subject: 'CN=carol', commonName: 'carol' };
  t.like(identity.callerOf(shown({ authorization: `Bearer ${TOKENS.ann.token}` }, both)), { name: 'ann' });
  t.is(refusal(t, identity, shown({ authorization: 'Bearer berth_x' }, both)).reason, 'BAD_CREDENTIALS');
});

test('a faulty file of tokens does not start, and a file that becomes faulty changes nothing', async (t) => {
  const file = join(tempFolder(t), 'tokens.yaml');
  writeFileSync(file, '- {name: ann}\n');
  const logged: string[] = [];
  const logger = pino({}, { write: (line: string) => void logged.push(line) });
  const clock = fakeClock();
  const faulty = createIdentity(authConfigSchema.parse({ tokens: file }), { clock, logger });
  await t.throwsAsync(faulty.start(), { instanceOf: BerthError, message: /0\.sha256/ });
  writeFileSync(file, TOKENS.ann.line);
  const identity = createIdentity(authConfigSchema.parse({ tokens: file }), { clock, logger });
  await identity.start();
  t.teardown(() => identity.stop());
  writeFileSync(file, '- {name: ann}\n');
  await until(
    () => {
      clock.advance(100);
      return logged.some((line) => line.includes('is not used, what it said before stays'));
    },
    { what: 'the fault to be logged' },
  );
  t.like(identity.callerOf(bearer(TOKENS.ann.token)), { name: 'ann' });
  t.false(logged.join('').includes(TOKENS.ann.token));
});
